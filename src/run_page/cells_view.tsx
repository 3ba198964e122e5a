/** How long each cell took, as bars; a click shows the cell in the notebook. */
import '../../style/run_cells.css';

import { useCallback } from 'react';

import { formatDuration } from '../components/duration';
import { EmptyState, ErrorState, LoadingState } from '../components/states';
import { useTrans } from '../components/translation';
import type { Cell, CellList, EventType } from '../contract/types';
import type { RunPageStore } from './run_page_store';
import { useReading } from './use_news';

const PROGRESSED: readonly EventType[] = ['run.progressed', 'run.ended'];

export interface ICellsViewProps {
  store: RunPageStore;
  onSelect: (index: number) => void;
}

export function CellsView({ store, onSelect }: ICellsViewProps): JSX.Element {
  const trans = useTrans();
  const read = useCallback(() => store.api.cells(store.runId), [store]);
  const { value, error, reload } = useReading<CellList>(
    store,
    PROGRESSED,
    read
  );
  if (!value) {
    return error ? (
      <ErrorState error={error} onRetry={reload} />
    ) : (
      <LoadingState label={trans.__('Loading…')} />
    );
  }
  const cells = value.cells;
  if (cells.length === 0) {
    return <EmptyState title={trans.__('No cell has run yet')} />;
  }
  const longest = Math.max(1, ...cells.map(cell => cell.duration_ms ?? 0));
  const names: Record<Cell['state'], string> = {
    pending: trans.__('Waiting'),
    running: trans.__('Running'),
    completed: trans.__('Completed'),
    failed: trans.__('Failed'),
    interrupted: trans.__('Interrupted')
  };
  return (
    <ol className="jp-Mlops-Cells">
      {cells.map((cell, position) => (
        <li key={cell.index}>
          <button
            type="button"
            className="jp-Mlops-CellRow"
            data-state={cell.state}
            onClick={() => onSelect(cell.index)}
          >
            <span className="jp-Mlops-CellRow-index">[{position + 1}]</span>
            <span className="jp-Mlops-CellRow-track" aria-hidden="true">
              <span
                className="jp-Mlops-CellRow-bar"
                style={{
                  width: `${Math.max(0.5, (100 * (cell.duration_ms ?? 0)) / longest)}%`
                }}
              />
            </span>
            <span className="jp-Mlops-CellRow-time">
              {cell.duration_ms === null
                ? ''
                : formatDuration(cell.duration_ms)}
            </span>
            <span className="jp-Mlops-CellRow-state">
              {cell.error_name
                ? `${cell.error_name}: ${cell.error_value ?? ''}`
                : names[cell.state]}
            </span>
          </button>
        </li>
      ))}
    </ol>
  );
}
