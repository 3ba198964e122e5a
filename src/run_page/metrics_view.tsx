/** The metrics of a run: a table of latest values and a live curve for each. */
import '../../style/run_metrics.css';

import { useCallback, useState } from 'react';

import { ErrorState } from '../components/states';
import { useTrans } from '../components/translation';
import type { EventType, History, Run } from '../contract/types';
import { Curve } from './curve';
import { SAVED_POINTS, saveMetrics } from './metrics_file';
import { MetricsTable } from './metrics_table';
import type { RunPageStore } from './run_page_store';
import { useChange } from './use_change';
import { useKept } from './use_kept';
import { useReading } from './use_news';

/** Code is the same in every language. */
const EXAMPLE = 'from jupyter_mlops import log_metric';
/** The points counted in the run itself say whether a curve is old. */
const NOTHING: readonly EventType[] = [];
const POINTS = 600;
/** Curves drawn at first; the rest on demand, so that a run with hundreds of metrics opens fast. */
const FIRST_CURVES = 12;

export interface IMetricsViewProps {
  store: RunPageStore;
  run: Run;
  theme: number;
}

export function MetricsView({
  store,
  run,
  theme
}: IMetricsViewProps): JSX.Element {
  const trans = useTrans();
  const [logScale, setLogScale] = useKept(store, 'log scale', false);
  const [shown, setShown] = useKept(store, 'curves shown', FIRST_CURVES);
  const [search, setSearch] = useKept(store, 'metric filter', '');
  const { isBusy, problem, make } = useChange();
  /** How many metrics are thinned in the file that was saved last. */
  const [thinned, setThinned] = useState(0);
  if (run.metrics.length === 0) {
    return (
      <p className="jp-Mlops-Hint">
        {trans.__('No metrics yet. In a notebook, log one with:')}{' '}
        <code>{EXAMPLE}</code>
      </p>
    );
  }
  const text = search.trim().toLowerCase();
  const metrics = run.metrics.filter(metric =>
    metric.key.toLowerCase().includes(text)
  );
  const curves = metrics.filter(metric => metric.count > 1);
  return (
    <>
      <div className="jp-Mlops-Actions">
        {run.metrics.length > FIRST_CURVES && (
          <input
            type="search"
            className="jp-Mlops-Input jp-Mlops-MetricFilter"
            aria-label={trans.__('Filter metrics')}
            placeholder={trans.__('Filter %1 metrics', run.metrics.length)}
            value={search}
            onChange={event => setSearch(event.target.value)}
          />
        )}
        {curves.length > 0 && (
          <label className="jp-Mlops-Check">
            <input
              type="checkbox"
              checked={logScale}
              onChange={event => setLogScale(event.target.checked)}
            />
            {trans.__('Logarithmic scale')}
          </label>
        )}
        <button
          type="button"
          className="jp-Mlops-Link"
          disabled={isBusy}
          onClick={() =>
            void make(async () => setThinned(await saveMetrics(store.api, run)))
          }
        >
          {trans.__('Download as CSV')}
        </button>
        <span className="jp-Mlops-Hint" role="status">
          {thinned > 0 &&
            trans._n(
              '%1 metric has more than %2 points and is thinned in the file.',
              '%1 metrics have more than %2 points and are thinned in the file.',
              thinned,
              SAVED_POINTS
            )}
        </span>
        {problem && (
          <span className="jp-Mlops-Problem" role="alert">
            {problem}
          </span>
        )}
      </div>
      <div className="jp-Mlops-Curves">
        {curves.slice(0, shown).map(metric => (
          <LiveCurve
            key={metric.key}
            store={store}
            metricKey={metric.key}
            count={metric.count}
            logScale={logScale}
            theme={theme}
          />
        ))}
      </div>
      {curves.length > shown && (
        <button
          type="button"
          className="jp-Mlops-Button"
          onClick={() => setShown(curves.length)}
        >
          {trans.__('Show %1 more curves', curves.length - shown)}
        </button>
      )}
      <MetricsTable store={store} run={run} metrics={metrics} />
    </>
  );
}

interface ILiveCurveProps {
  store: RunPageStore;
  metricKey: string;
  /** Points so far: the curve is read again when there are more. */
  count: number;
  logScale: boolean;
  theme: number;
}

function LiveCurve({
  store,
  metricKey,
  count,
  logScale,
  theme
}: ILiveCurveProps): JSX.Element {
  const read = useCallback(
    () => store.api.metricHistory(store.runId, metricKey, POINTS),
    [store, metricKey]
  );
  const { value, error, reload } = useReading<History>(
    store,
    NOTHING,
    read,
    count
  );
  if (!value) {
    return error ? (
      <ErrorState error={error} onRetry={reload} />
    ) : (
      <div className="jp-Mlops-Curve jp-Mlops-Curve-waiting" aria-busy="true" />
    );
  }
  return <Curve history={value} logScale={logScale} theme={theme} />;
}
