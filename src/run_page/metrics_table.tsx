/** The metrics of a run in numbers, and which of them the list of runs shows. */
import { formatNumber } from '../components/number_format';
import { useTrans } from '../components/translation';
import type { LatestMetric, Run, WireFloat } from '../contract/types';
import type { RunPageStore } from './run_page_store';
import { useChange } from './use_change';

/** The tag that names the metric which lists show. */
const KEY_METRIC = 'mlops.key_metric';
/** One number of digits for all columns: the latest value may be the maximum, and has to look like it. */
const DIGITS = 6;

export interface IMetricsTableProps {
  store: RunPageStore;
  run: Run;
  /** Those that are shown. */
  metrics: readonly LatestMetric[];
}

export function MetricsTable({
  store,
  run,
  metrics
}: IMetricsTableProps): JSX.Element {
  const trans = useTrans();
  const { isBusy, problem, make } = useChange();
  const showInList = async (key: string): Promise<void> =>
    store.put(await store.api.setTag(run.run_id, KEY_METRIC, key));
  const number = (value: WireFloat | null): JSX.Element => (
    <td data-number title={value === null ? undefined : String(value)}>
      {value === null ? '' : formatNumber(value, DIGITS)}
    </td>
  );
  return (
    <>
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
            {run.metrics.length > 1 && (
              <th scope="col">{trans.__('In the list')}</th>
            )}
          </tr>
        </thead>
        <tbody>
          {metrics.map(metric => (
            <tr key={metric.key}>
              <th scope="row">{metric.key}</th>
              {number(metric.value)}
              {number(metric.minimum)}
              {number(metric.maximum)}
              <td data-number>{metric.step}</td>
              <td data-number>{metric.count}</td>
              {run.metrics.length > 1 && (
                <td>
                  {metric.key === run.key_metric?.key ? (
                    <span className="jp-Mlops-Hint">{trans.__('Shown')}</span>
                  ) : (
                    <button
                      type="button"
                      className="jp-Mlops-Link"
                      disabled={isBusy}
                      aria-label={trans.__('Show %1 in the list', metric.key)}
                      onClick={() => void make(() => showInList(metric.key))}
                    >
                      {trans.__('Show in the list')}
                    </button>
                  )}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {problem && (
        <p className="jp-Mlops-Problem" role="alert">
          {problem}
        </p>
      )}
    </>
  );
}
