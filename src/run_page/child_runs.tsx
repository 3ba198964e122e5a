/** The runs that name this one as their parent: the folds of a search, the steps of a pipeline. */
import '../../style/child_runs.css';

import { type ReactNode, useEffect, useRef, useState } from 'react';

import { useIsShown } from '../components/lazy_view';
import { Elapsed } from '../components/elapsed';
import { formatNumber } from '../components/number_format';
import { runProgress } from '../components/run_progress';
import { StatusGlyph } from '../components/status_badge';
import { statusName } from '../components/status_names';
import { useTrans } from '../components/translation';
import type { RunPage } from '../contract/types';
import { Rereading } from '../state/rereading';
import type { IChanges } from '../state/tokens';
import type { RunPageStore } from './run_page_store';

/** So many are shown. */
const SHOWN = 50;
/** Milliseconds between two readings: a search makes many runs a second. */
const PAUSE = 600;

export interface IChildRunsProps {
  store: RunPageStore;
  openRun: (runId: string) => void;
  /** What to put around them, if there are any. */
  children: (children: ReactNode) => ReactNode;
}

export function ChildRuns(props: IChildRunsProps): JSX.Element | null {
  const { store, openRun, children } = props;
  const trans = useTrans();
  const page = useChildRuns(store);
  if (!page || page.runs.length === 0) {
    return null;
  }
  return (
    <>
      {children(
        <>
          <table className="jp-Mlops-Table jp-Mlops-ChildRuns">
            <tbody>
              {page.runs.map(run => (
                <tr key={run.run_id}>
                  <th scope="row">
                    <StatusGlyph
                      status={run.status}
                      progress={runProgress(run)}
                    />
                    <span className="jp-Mlops-Hidden">
                      {statusName(run.status, trans)}.{' '}
                    </span>
                    <button
                      type="button"
                      className="jp-Mlops-Link"
                      onClick={() => openRun(run.run_id)}
                    >
                      {run.name}
                    </button>
                  </th>
                  <td>
                    {run.key_metric &&
                      `${run.key_metric.key} ${formatNumber(run.key_metric.value)}`}
                  </td>
                  <td>
                    <Elapsed
                      startedAt={run.started_at}
                      durationMs={run.duration_ms}
                    />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {page.total > page.runs.length && (
            <p className="jp-Mlops-Hint">
              {trans.__(
                'The newest %1 of %2 are shown.',
                page.runs.length,
                page.total
              )}
            </p>
          )}
        </>
      )}
    </>
  );
}

/** Read the children now, and again when a run begins or one of them changes, while somebody looks. */
function useChildRuns({ api, feed, runId }: RunPageStore): RunPage | null {
  const isShown = useIsShown();
  const [page, setPage] = useState<RunPage | null>(null);
  const known = useRef<ReadonlySet<string>>(new Set());
  const reading = useRef<Rereading | null>(null);
  useEffect(() => {
    const made = new Rereading(async () => {
      const found = await api.runs({ parent: runId, limit: SHOWN });
      // Most runs have none, and nothing to draw.
      const isNew = found.runs.length + known.current.size > 0;
      if (isNew && !made.isDisposed) {
        known.current = new Set(found.runs.map(({ run_id }) => run_id));
        setPage(found);
      }
    }, PAUSE);
    made.setLive(false);
    made.ask();
    reading.current = made;
    const onChanges = (_: unknown, { events, reset }: IChanges): void => {
      const isNews = events.some(
        ({ type, subject }) =>
          type === 'run.created' ||
          type === 'run.restored' ||
          known.current.has(subject)
      );
      if (reset || isNews) {
        made.ask();
      }
    };
    feed.changed.connect(onChanges);
    return () => {
      feed.changed.disconnect(onChanges);
      made.dispose();
    };
  }, [api, feed, runId]);
  useEffect(() => {
    reading.current?.setLive(isShown);
  }, [api, feed, runId, isShown]);
  return page;
}
