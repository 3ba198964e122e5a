/** State of a tab that outlives it: tabs that are not shown are not in the document. */
import { useCallback, useState } from 'react';

import type { RunPageStore } from './run_page_store';

/** Like `useState`, kept in the page's store under `name`, which one component uses. */
export function useKept<T>(
  store: RunPageStore,
  name: string,
  initial: T
): [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() =>
    store.kept.has(name) ? (store.kept.get(name) as T) : initial
  );
  const keep = useCallback(
    (next: T) => {
      store.kept.set(name, next);
      setValue(next);
    },
    [store, name]
  );
  return [value, keep];
}
