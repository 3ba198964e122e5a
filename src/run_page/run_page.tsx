/** The page of one run: header with state and actions, and the tabs below it. */
import '../../style/components.css';
import '../../style/run_page.css';

import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { CommandRegistry } from '@lumino/commands';
import { useEffect, useMemo, useState } from 'react';

import { ConnectionGate } from '../components/connection_gate';
import { useIsShown } from '../components/lazy_view';
import { EmptyState, ErrorState, LoadingState } from '../components/states';
import { useTrans } from '../components/translation';
import { type IObservable, useStore } from '../components/use_store';
import { CommandIDs } from '../contract/command_ids';
import { isNotFound } from '../contract/errors';
import type { Run } from '../contract/types';
import { ArtifactsView } from './artifacts_view';
import { CellsView } from './cells_view';
import { EnvironmentView } from './environment_view';
import { Header } from './header';
import { LogView } from './log_view';
import type { INotebookTools } from './notebook_cells';
import { NotebookView } from './notebook_view';
import { Overview } from './overview';
import { quietRendermime } from './quiet_rendermime';
import type { RunPageStore } from './run_page_store';
import { type ITab, Tabs } from './tabs';
import { useTheme } from './theme';

export { RunPageStore } from './run_page_store';

/** Which tab is shown: kept by the layout, so that a reload comes back to it. */
export interface IShownPart extends IObservable {
  readonly section: string;
  show(section: string): void;
}

export interface IRunPageProps {
  store: RunPageStore;
  commands: CommandRegistry;
  rendermime: IRenderMimeRegistry;
  notebookTools: INotebookTools;
  tab: IShownPart;
  onThemeChange: (slot: () => void) => () => void;
}

export function RunPage(props: IRunPageProps): JSX.Element {
  const { store } = props;
  const isShown = useIsShown();
  useEffect(() => store.setLive(isShown), [store, isShown]);
  return (
    <div className="jp-Mlops-RunPage">
      <ConnectionGate connection={store.feed.connection}>
        <Loaded {...props} />
      </ConnectionGate>
    </div>
  );
}

function Loaded(props: IRunPageProps): JSX.Element {
  const { store } = props;
  useStore(store);
  const trans = useTrans();
  const { run, error } = store;
  if (isNotFound(error) && run) {
    return <EmptyState title={trans.__('This run was deleted permanently')} />;
  }
  if (isNotFound(error)) {
    return (
      <EmptyState title={trans.__('There is no such run')}>
        <p>
          {trans.__(
            'It may have been deleted permanently or belong to another server, or the link may be incomplete.'
          )}
        </p>
      </EmptyState>
    );
  }
  if (!run) {
    return error ? (
      <ErrorState error={error} onRetry={() => store.reload()} />
    ) : (
      <LoadingState label={trans.__('Loading the run…')} />
    );
  }
  return <Content {...props} run={run} />;
}

function Content(props: IRunPageProps & { run: Run }): JSX.Element {
  const { store, commands, run, tab } = props;
  const trans = useTrans();
  const rendermime = useMemo(
    () => quietRendermime(props.rendermime, trans),
    [props.rendermime, trans]
  );
  useStore(tab);
  const theme = useTheme(props.onThemeChange);
  const [cell, setCell] = useState<number | null>(null);
  const execute = (command: string, runId = run.run_id): void => {
    void commands.execute(command, { run_id: runId });
  };
  const showCell = (index: number): void => {
    setCell(index);
    tab.show('notebook');
  };
  const failing = run.progress.failing_cell;

  const tabs: ITab[] = [
    {
      id: 'overview',
      label: trans.__('Overview'),
      render: () => (
        <Overview
          store={store}
          run={run}
          rendermime={rendermime}
          theme={theme}
          openRun={runId => execute(CommandIDs.openRun, runId)}
          openSource={() => execute(CommandIDs.openSource)}
        />
      )
    },
    {
      id: 'notebook',
      label: trans.__('Notebook'),
      render: () => (
        <NotebookView
          store={store}
          run={run}
          tools={props.notebookTools}
          rendermime={rendermime}
          cell={cell ?? failing}
        />
      )
    },
    {
      id: 'cells',
      label: trans.__('Cells'),
      badge: run.progress.cells_total ? String(run.progress.cells_total) : null,
      render: () => <CellsView store={store} onSelect={showCell} />
    },
    {
      id: 'log',
      label: trans.__('Log'),
      render: () => <LogView store={store} />
    },
    {
      id: 'artifacts',
      label: trans.__('Artifacts'),
      render: () => <ArtifactsView store={store} rendermime={rendermime} />
    },
    {
      id: 'environment',
      label: trans.__('Environment'),
      render: () => <EnvironmentView store={store} />
    }
  ];

  return (
    <>
      <Header
        store={store}
        run={run}
        commands={commands}
        showFailingCell={failing === null ? null : () => showCell(failing)}
      />
      <Tabs
        label={trans.__('Parts of the run')}
        tabs={tabs}
        selected={tab.section}
        onSelect={section => tab.show(section)}
      />
    </>
  );
}
