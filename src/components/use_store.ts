/** The bridge from stores to React: a view renders again when a store's signal fires. */
import type { ISignal } from '@lumino/signaling';
import { useCallback, useRef, useSyncExternalStore } from 'react';

/** Anything that says by `changed` that what it holds is new. */
export interface IObservable {
  readonly changed: ISignal<unknown, unknown>;
}

/** Render again whenever `store` changes; the result counts the changes. */
export function useStore(store: IObservable): number {
  const count = useRef(0);
  const subscribe = useCallback(
    (notify: () => void) => {
      const slot = (): void => {
        count.current += 1;
        notify();
      };
      store.changed.connect(slot);
      return () => {
        store.changed.disconnect(slot);
      };
    },
    [store]
  );
  return useSyncExternalStore(subscribe, () => count.current);
}
