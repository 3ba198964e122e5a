/** The current time for views that count: the server's, and only while somebody looks. */
import { createContext, useContext, useEffect, useState } from 'react';

import { useIsShown } from './lazy_view';

/** Tells the time of the server, since what is counted began there. */
export interface IClock {
  now(): number;
}

export const ClockContext = createContext<IClock>({ now: () => Date.now() });

/** The current time, renewed every `interval` milliseconds while `active` and on screen. */
export function useNow(active: boolean, interval = 1000): number {
  const clock = useContext(ClockContext);
  const isShown = useIsShown();
  const isTicking = active && isShown;
  const [now, setNow] = useState(() => clock.now());
  useEffect(() => {
    if (!isTicking) {
      return;
    }
    const tick = (): void => {
      if (!document.hidden) {
        setNow(clock.now());
      }
    };
    tick();
    const timer = window.setInterval(tick, interval);
    document.addEventListener('visibilitychange', tick);
    return () => {
      window.clearInterval(timer);
      document.removeEventListener('visibilitychange', tick);
    };
  }, [clock, isTicking, interval]);
  return now;
}
