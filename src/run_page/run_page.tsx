/** The page of one run: header with state and actions, and the tabs below it. */
import '../../style/components.css';
import '../../style/run_page.css';

import type * as nbformat from '@jupyterlab/nbformat';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { Contents } from '@jupyterlab/services';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import { useEffect, useMemo } from 'react';

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
import { saveCopy } from './notebook_copy';
import { type INotebookPlace, NotebookView, START } from './notebook_view';
import { Overview } from './overview';
import { quietRendermime } from './quiet_rendermime';
import type { RunPageStore } from './run_page_store';
import { type ITab, Tabs } from './tabs';
import { useTheme } from './theme';
import { useKept } from './use_kept';

export { RunPageStore } from './run_page_store';

/** What a client can tell of its own run; the rest is known of what this server executes. */
const OF_CLIENTS: ReadonlySet<string> = new Set(['overview', 'artifacts']);

/** Which tab is shown: kept by the layout, so that a reload comes back to it. */
export interface IShownPart extends IObservable {
  /** Null while nobody chose one. */
  readonly section: string | null;
  show(section: string): void;
}

export interface IRunPageProps {
  store: RunPageStore;
  commands: CommandRegistry;
  rendermime: IRenderMimeRegistry;
  notebookTools: INotebookTools;
  /** The user's files. */
  contents: Contents.IManager;
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
  const failing = run.progress.failing_cell;
  const first = failing === null ? 'overview' : 'notebook';
  const section = tab.section ?? first;
  useEffect(() => {
    // A run that fails before the reader's eyes does not turn the page under them.
    tab.show(section);
  }, [tab, section]);
  const [place, setPlace] = useKept<INotebookPlace>(store, 'notebook', START);
  const execute = (command: string, args: ReadonlyJSONObject = {}): void => {
    void commands.execute(command, { run_id: run.run_id, ...args });
  };
  const openCopy = async (
    content: nbformat.INotebookContent
  ): Promise<void> => {
    const path = await saveCopy(props.contents, run, content);
    await commands.execute('docmanager:open', { path });
  };
  const showCell = (index: number): void => {
    setPlace({ kind: 'executed', cell: index, request: place.request + 1 });
    tab.show('notebook');
  };

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
          openRun={runId => execute(CommandIDs.openRun, { run_id: runId })}
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
          openCopy={openCopy}
          rendermime={rendermime}
          place={{ ...place, cell: place.cell ?? failing }}
          onTurn={kind => setPlace({ ...place, kind })}
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
        section={section}
        showFailingCell={failing === null ? null : () => showCell(failing)}
      />
      <Tabs
        label={trans.__('Parts of the run')}
        tabs={
          run.source_type === 'client'
            ? tabs.filter(({ id }) => OF_CLIENTS.has(id))
            : tabs
        }
        selected={section}
        onSelect={chosen => tab.show(chosen)}
      />
    </>
  );
}
