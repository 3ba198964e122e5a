/** Reading again what a tab shows: at first, and when the feed says that it may be new. */
import { useCallback, useEffect, useRef, useState } from 'react';

import { useIsShown } from '../components/lazy_view';
import type { EventType } from '../contract/types';
import { Rereading } from '../state/rereading';
import type { IRunNews, RunPageStore } from './run_page_store';

/** Milliseconds between two readings of one thing: a run may log many times a second. */
const PAUSE = 600;

export interface IReading<T> {
  readonly value: T | null;
  readonly error: unknown;
  readonly reload: () => void;
}

/**
 * Read with `read` now, again after events of the given `types`, and whenever `mark` differs; while
 * the page is hidden nothing is read, and what was missed is read when it is shown again.
 */
export function useReading<T>(
  store: RunPageStore,
  types: readonly EventType[],
  read: () => Promise<T>,
  mark: unknown = null
): IReading<T> {
  const isShown = useIsShown();
  const [value, setValue] = useState<T | null>(null);
  const [error, setError] = useState<unknown>(null);
  const reading = useRef<Rereading | null>(null);

  useEffect(() => {
    const made = new Rereading(async () => {
      try {
        const answer = await read();
        if (!made.isDisposed) {
          setValue(answer);
          setError(null);
        }
      } catch (reason) {
        if (!made.isDisposed) {
          setError(reason);
        }
        throw reason;
      }
    }, PAUSE);
    made.setLive(false);
    reading.current = made;
    return () => made.dispose();
  }, [read]);

  useEffect(() => {
    reading.current?.ask();
  }, [read, mark]);

  useEffect(() => {
    reading.current?.setLive(isShown);
  }, [read, isShown]);

  useEffect(() => {
    const onNews = (_: unknown, news: IRunNews): void => {
      if (news.reset || types.some(type => news.types.has(type))) {
        reading.current?.ask();
      }
    };
    store.news.connect(onNews);
    return () => {
      store.news.disconnect(onNews);
    };
  }, [store, types]);

  const reload = useCallback(() => reading.current?.askNow(), []);
  return { value, error, reload };
}
