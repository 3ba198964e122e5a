/** The metrics of a run: a table of latest values and a live curve for each. */
import '../../style/run_metrics.css';

import { useCallback, useState } from 'react';

import { formatNumber } from '../components/number_format';
import { ErrorState } from '../components/states';
import { useTrans } from '../components/translation';
import { errorMessage } from '../contract/errors';
import type { EventType, History, Run } from '../contract/types';
import { Curve } from './curve';
import { download, toCsv } from './csv';
import type { RunPageStore } from './run_page_store';
import { useReading } from './use_news';

/** Code is the same in every language. */
const EXAMPLE = 'from jupyter_mlops import log_metric';
const LOGGED: readonly EventType[] = ['run.logged', 'run.ended'];
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
  const [logScale, setLogScale] = useState(false);
  const [shown, setShown] = useState(FIRST_CURVES);
  const [search, setSearch] = useState('');
  const [problem, setProblem] = useState('');
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
          onClick={() =>
            void saveCsv(store, run).then(
              () => setProblem(''),
              (reason: unknown) => setProblem(errorMessage(reason))
            )
          }
        >
          {trans.__('Download as CSV')}
        </button>
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
      <table className="jp-Mlops-Table">
        <thead>
          <tr>
            <th scope="col">{trans.__('Metric')}</th>
            <th scope="col" data-number>
              {trans.__('Latest')}
            </th>
            <th scope="col" data-number>
              {trans.__('Minimum')}
            </th>
            <th scope="col" data-number>
              {trans.__('Maximum')}
            </th>
            <th scope="col" data-number>
              {trans.__('Step')}
            </th>
            <th scope="col" data-number>
              {trans.__('Points')}
            </th>
          </tr>
        </thead>
        <tbody>
          {metrics.map(metric => (
            <tr key={metric.key}>
              <th scope="row">{metric.key}</th>
              <td data-number title={String(metric.value)}>
                {formatNumber(metric.value, 6)}
              </td>
              <td data-number>
                {metric.minimum === null ? '' : formatNumber(metric.minimum)}
              </td>
              <td data-number>
                {metric.maximum === null ? '' : formatNumber(metric.maximum)}
              </td>
              <td data-number>{metric.step}</td>
              <td data-number>{metric.count}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

interface ILiveCurveProps {
  store: RunPageStore;
  metricKey: string;
  logScale: boolean;
  theme: number;
}

function LiveCurve({
  store,
  metricKey,
  logScale,
  theme
}: ILiveCurveProps): JSX.Element {
  const read = useCallback(
    () => store.api.metricHistory(store.runId, metricKey, POINTS),
    [store, metricKey]
  );
  const { value, error, reload } = useReading<History>(store, LOGGED, read);
  if (!value) {
    return error ? (
      <ErrorState error={error} onRetry={reload} />
    ) : (
      <div className="jp-Mlops-Curve jp-Mlops-Curve-waiting" aria-busy="true" />
    );
  }
  return <Curve history={value} logScale={logScale} theme={theme} />;
}

async function saveCsv(store: RunPageStore, run: Run): Promise<void> {
  const rows: (string | number)[][] = [
    ['metric', 'step', 'timestamp', 'value']
  ];
  for (const metric of run.metrics) {
    const history = await store.api.metricHistory(run.run_id, metric.key, 5000);
    history.steps.forEach((step, index) =>
      rows.push([
        metric.key,
        step,
        history.timestamps[index] ?? '',
        history.values[index] ?? ''
      ])
    );
  }
  const content = new Blob([toCsv(rows)], { type: 'text/csv' });
  download(content, `${run.run_id}-metrics.csv`);
}
