/** State of a tab that outlives it: tabs that are not shown are not in the document. */
import { useCallback, useSyncExternalStore } from 'react';

import type { RunPageStore } from './run_page_store';

/** A value that is no function, or how it follows from the one that is kept now. */
type Next<T> = T | ((now: T) => T);

/** Like `useState`, kept in the page's store under `name`; `initial` is the same each time. */
export function useKept<T>(
  { kept }: RunPageStore,
  name: string,
  initial: T
): [T, (next: Next<T>) => void] {
  const read = useCallback((): T => {
    const value = kept.get(name);
    return value === undefined ? initial : (value as T);
  }, [kept, name, initial]);
  const subscribe = useCallback(
    (notify: () => void) => {
      kept.changed.connect(notify);
      return () => {
        kept.changed.disconnect(notify);
      };
    },
    [kept]
  );
  const keep = useCallback(
    (next: Next<T>) =>
      kept.set(
        name,
        typeof next === 'function' ? (next as (now: T) => T)(read()) : next
      ),
    [kept, name, read]
  );
  return [useSyncExternalStore(subscribe, read), keep];
}
