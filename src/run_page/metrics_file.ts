/** The metrics of a run as a CSV file. */
import type { IMlopsApi } from '../contract/client';
import type { Run } from '../contract/types';
import { toCsv } from './csv';
import { download } from './download';

/** The most that the server gives of one metric. */
export const SAVED_POINTS = 5000;

/** Save the points of all metrics; how many metrics have more than are saved. */
export async function saveMetrics(api: IMlopsApi, run: Run): Promise<number> {
  let thinned = 0;
  const rows: (string | number)[][] = [
    ['metric', 'step', 'timestamp', 'value']
  ];
  for (const metric of run.metrics) {
    const history = await api.metricHistory(
      run.run_id,
      metric.key,
      SAVED_POINTS
    );
    thinned += history.thinned ? 1 : 0;
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
  return thinned;
}
