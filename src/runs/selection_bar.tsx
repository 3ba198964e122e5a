/** What can be done with the selected runs, at the foot of the list while there is a selection. */
import { closeIcon } from '@jupyterlab/ui-components';

import { isActive } from '../contract/run_status';
import { useTrans } from '../components/translation';
import { useStore } from '../components/use_store';
import { CommandIDs } from '../contract/command_ids';
import type { IRunsStore } from '../state/tokens';

export interface ISelectionBarProps {
  store: IRunsStore;
  execute: (command: string) => void;
}

export function SelectionBar({
  store,
  execute
}: ISelectionBarProps): JSX.Element | null {
  useStore(store);
  const { selection } = store;
  useStore(selection);
  const trans = useTrans();
  const count = selection.ids.size;
  if (count === 0) {
    return null;
  }
  const chosen = store.runs.filter(run => selection.has(run.run_id));
  const active = chosen.filter(isActive).length;
  const button = (command: string, label: string): JSX.Element => (
    <button
      type="button"
      className="jp-Mlops-Button"
      onClick={() => execute(command)}
    >
      {label}
    </button>
  );
  return (
    <div
      className="jp-Mlops-SelectionBar"
      role="toolbar"
      aria-label={trans.__('Selected runs')}
    >
      <span className="jp-Mlops-SelectionBar-count" role="status">
        {count === store.runs.length && count < store.total
          ? trans.__('%1 of %2 selected', count, store.total)
          : trans._n('%1 selected', '%1 selected', count)}
      </span>
      {active > 0 && button(CommandIDs.cancelRuns, trans.__('Cancel'))}
      {store.filter.deleted ? (
        <>
          {button(CommandIDs.restoreRuns, trans.__('Restore'))}
          {button(CommandIDs.purgeRuns, trans.__('Delete permanently…'))}
        </>
      ) : (
        active < count && button(CommandIDs.trashRuns, trans.__('Delete'))
      )}
      <button
        type="button"
        className="jp-Mlops-IconButton"
        title={trans.__('Clear the selection')}
        aria-label={trans.__('Clear the selection')}
        onClick={() => selection.clear()}
      >
        <closeIcon.react tag={null} />
      </button>
    </div>
  );
}
