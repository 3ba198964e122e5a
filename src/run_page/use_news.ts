/** Reading again what a tab shows: at first, and when the feed says that it may be new. */
import { useCallback, useEffect, useRef, useState } from 'react';

import { useIsShown } from '../components/lazy_view';
import type { EventType } from '../contract/types';
import type { IRunNews, RunPageStore } from './run_page_store';

/** Milliseconds between two readings of one thing: a run may log many times a second. */
const PAUSE = 600;

export interface IReading<T> {
  readonly value: T | null;
  readonly error: unknown;
  readonly reload: () => void;
}

/**
 * Read with `read` now and again after events of the given `types`; while the page is hidden
 * nothing is read, and what was missed is read when it is shown again.
 */
export function useReading<T>(
  store: RunPageStore,
  types: readonly EventType[],
  read: () => Promise<T>
): IReading<T> {
  const isShown = useIsShown();
  const [value, setValue] = useState<T | null>(null);
  const [error, setError] = useState<unknown>(null);
  const asked = useRef(0);
  const isStale = useRef(true);

  const reload = useCallback(() => {
    const mine = ++asked.current;
    isStale.current = false;
    read().then(
      answer => {
        if (mine === asked.current) {
          setValue(answer);
          setError(null);
        }
      },
      (reason: unknown) => {
        if (mine === asked.current) {
          setError(reason);
        }
      }
    );
  }, [read]);

  useEffect(() => {
    isStale.current = true;
    return () => {
      asked.current += 1;
    };
  }, [reload]);

  useEffect(() => {
    let timer = 0;
    let last = 0;
    const readSoon = (): void => {
      window.clearTimeout(timer);
      const wait = Math.max(0, last + PAUSE - Date.now());
      timer = window.setTimeout(() => {
        last = Date.now();
        reload();
      }, wait);
    };
    const onNews = (_: unknown, news: IRunNews): void => {
      if (!news.reset && !types.some(type => news.types.has(type))) {
        return;
      }
      isStale.current = true;
      if (isShown) {
        readSoon();
      }
    };
    if (isShown && isStale.current) {
      reload();
    }
    store.news.connect(onNews);
    return () => {
      window.clearTimeout(timer);
      store.news.disconnect(onNews);
    };
  }, [store, reload, isShown, types]);

  return { value, error, reload };
}
