/** The Runs section of the panel: filters, the list, and what stands there while it is empty. */
import '../../style/components.css';
import '../../style/runs.css';

import type { CommandRegistry } from '@lumino/commands';
import { useEffect, useMemo, useRef } from 'react';

import { ConnectionGate } from '../components/connection_gate';
import { mlopsIcon } from '../components/icons';
import { useIsShown } from '../components/lazy_view';
import { EmptyState, ErrorState, LoadingState } from '../components/states';
import { isActive } from '../contract/run_status';
import { useTrans } from '../components/translation';
import { useStore } from '../components/use_store';
import { CommandIDs } from '../contract/command_ids';
import { errorMessage } from '../contract/errors';
import type { PendingActions } from '../state/pending_actions';
import type {
  IChangeFeed,
  IExperimentsStore,
  IRunsStore
} from '../state/tokens';
import { type IListActions, RunsList } from './runs_list';
import { RunsFilter } from './runs_filter';
import { SelectionBar } from './selection_bar';

export interface IRunsSectionProps {
  store: IRunsStore;
  feed: IChangeFeed;
  experiments: IExperimentsStore;
  pending: PendingActions;
  commands: CommandRegistry;
  /** Opens the context menu of the runs at a place on the page. */
  openMenu: (x: number, y: number) => void;
}

export function RunsSection(props: IRunsSectionProps): JSX.Element {
  return (
    <div className="jp-Mlops-RunsSection">
      <ConnectionGate connection={props.feed.connection}>
        <Content {...props} />
      </ConnectionGate>
    </div>
  );
}

function Content(props: IRunsSectionProps): JSX.Element {
  const { store, experiments, commands, openMenu } = props;
  useStore(store);
  const trans = useTrans();
  const isShown = useIsShown();
  const top = useRef<HTMLDivElement>(null);
  useEffect(() => {
    store.setLive(isShown);
    store.need(0);
  }, [store, isShown]);

  const actions = useMemo((): IListActions => {
    const execute = (command: string, run_id?: string): void => {
      void commands.execute(command, run_id ? { run_id } : undefined);
    };
    return {
      open: runId => execute(CommandIDs.openRun, runId),
      trash: () =>
        execute(
          store.filter.deleted ? CommandIDs.purgeRuns : CommandIDs.trashRuns
        ),
      leave: () => top.current?.querySelector('input')?.focus(),
      menu: openMenu,
      act: run => {
        if (isActive(run)) {
          execute(CommandIDs.cancelRuns, run.run_id);
        } else if (run.deleted_at !== null) {
          execute(CommandIDs.restoreRuns, run.run_id);
        } else {
          execute(CommandIDs.rerun, run.run_id);
        }
      }
    };
  }, [commands, openMenu, store]);

  return (
    <>
      <div ref={top}>
        {store.filter.deleted && (
          <div className="jp-Mlops-Banner">
            <span>{trans.__('These runs are in the trash.')}</span>
            {(store.total > 0 || store.isFiltered) && (
              <button
                type="button"
                className="jp-Mlops-Link"
                onClick={() => void commands.execute(CommandIDs.emptyTrash)}
              >
                {trans.__('Empty the trash…')}
              </button>
            )}
            <button
              type="button"
              className="jp-Mlops-Link"
              onClick={() => store.setFilter({ deleted: false })}
            >
              {trans.__('Back to the runs')}
            </button>
          </div>
        )}
        <RunsFilter store={store} experiments={experiments} />
      </div>
      <Rows {...props} actions={actions} />
      <SelectionBar
        store={store}
        execute={command => void commands.execute(command)}
      />
    </>
  );
}

function Rows({
  store,
  feed,
  experiments,
  pending,
  commands,
  actions
}: IRunsSectionProps & {
  actions: IListActions;
}): JSX.Element {
  useStore(experiments);
  const trans = useTrans();
  if (store.error !== null && !store.isLoaded) {
    return <ErrorState error={store.error} onRetry={() => store.retry()} />;
  }
  if (!store.isLoaded) {
    return <LoadingState label={trans.__('Loading…')} />;
  }
  if (store.total === 0) {
    return <Nothing store={store} commands={commands} />;
  }
  return (
    <>
      <p className="jp-Mlops-Hidden" role="status">
        {store.isFiltered
          ? trans._n('%1 run found', '%1 runs found', store.total)
          : ''}
      </p>
      <RunsList
        store={store}
        pending={pending}
        showExperiment={
          store.filter.experimentId === null &&
          experiments.experiments.length > 1
        }
        actions={actions}
      />
      {store.error !== null && feed.connection.isUsable && (
        <Unread store={store} />
      )}
    </>
  );
}

/** What stands below rows that are not all, or not the latest; without a server the gate says so. */
function Unread({ store }: Pick<IRunsSectionProps, 'store'>): JSX.Element {
  const trans = useTrans();
  return (
    <div className="jp-Mlops-Banner" role="alert">
      <span>
        {store.runs.length < store.total
          ? trans.__('The rest could not be read.')
          : trans.__('What is new could not be read.')}{' '}
        {errorMessage(store.error)}
      </span>
      <button
        type="button"
        className="jp-Mlops-Link"
        onClick={() => store.retry()}
      >
        {trans.__('Try again')}
      </button>
    </div>
  );
}

function Nothing({
  store,
  commands
}: Pick<IRunsSectionProps, 'store' | 'commands'>): JSX.Element {
  const trans = useTrans();
  if (store.isFiltered) {
    return (
      <EmptyState title={trans.__('No run matches.')}>
        <button
          type="button"
          className="jp-Mlops-Button"
          onClick={() => store.clearFilter()}
        >
          {trans.__('Clear the filter')}
        </button>
      </EmptyState>
    );
  }
  if (store.filter.deleted) {
    return <EmptyState title={trans.__('The trash is empty.')} />;
  }
  return (
    <EmptyState title={trans.__('No runs yet')} icon={mlopsIcon}>
      <p>
        {trans.__(
          'A run is one tracked execution of a notebook, with its parameters, metrics, log and files.'
        )}
      </p>
      <button
        type="button"
        className="jp-Mlops-Button"
        onClick={() => void commands.execute(CommandIDs.runNotebook)}
      >
        {trans.__('Run a notebook…')}
      </button>
    </EmptyState>
  );
}
