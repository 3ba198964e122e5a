/** The executed notebook of a run, read again whenever it was saved. */
import type * as nbformat from '@jupyterlab/nbformat';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { Widget } from '@lumino/widgets';
import { useCallback, useEffect, useLayoutEffect, useRef } from 'react';

import { EmptyState, ErrorState, LoadingState } from '../components/states';
import { useTrans } from '../components/translation';
import { isNotFound } from '../contract/errors';
import type { EventType, Run } from '../contract/types';
import { type INotebookTools, NotebookCells } from './notebook_cells';
import type { RunPageStore } from './run_page_store';
import { useChange } from './use_change';
import { useReading } from './use_news';

const SAVED: readonly EventType[] = ['run.progressed', 'run.ended'];

export interface INotebookViewProps {
  store: RunPageStore;
  run: Run;
  tools: INotebookTools;
  rendermime: IRenderMimeRegistry;
  place: INotebookPlace;
  /** Write a copy among the user's files, and open it. */
  openCopy: (content: nbformat.INotebookContent) => Promise<void>;
  /** Turn to the other notebook. */
  onTurn: (kind: Kind) => void;
}

type Kind = 'source' | 'executed';

/** Where in the notebooks of a run the reader is led to. */
export interface INotebookPlace {
  readonly kind: Kind;
  readonly cell: number | null;
  /** Counts the wishes: the same cell may be asked for twice. */
  readonly request: number;
}

export const START: INotebookPlace = {
  kind: 'executed',
  cell: null,
  request: 0
};

export function NotebookView(props: INotebookViewProps): JSX.Element {
  const trans = useTrans();
  const { kind } = props.place;
  if (props.run.source_type !== 'notebook') {
    return (
      <EmptyState title={trans.__('This run left no notebook')}>
        <p>
          {trans.__(
            'It was started from code with start_run(); its outputs stay in the notebook or script that ran it.'
          )}
        </p>
      </EmptyState>
    );
  }
  const names: [Kind, string][] = [
    ['executed', trans.__('As it ran')],
    ['source', trans.__('Source')]
  ];
  return (
    <div className="jp-Mlops-NotebookView">
      <div
        className="jp-Mlops-Actions"
        role="group"
        aria-label={trans.__('Which notebook')}
      >
        {names.map(([name, label]) => (
          <button
            key={name}
            type="button"
            className="jp-Mlops-Choice"
            aria-pressed={name === kind}
            onClick={() => props.onTurn(name)}
          >
            {label}
          </button>
        ))}
      </div>
      <Notebook key={kind} {...props} />
    </div>
  );
}

function Notebook(props: INotebookViewProps): JSX.Element {
  const { store, run, tools, rendermime } = props;
  const { kind, cell, request } = props.place;
  const trans = useTrans();
  const version = useRef<{ etag: string | null; content: unknown } | null>(
    null
  );
  const read = useCallback(async (): Promise<unknown> => {
    const answer = await store.api.notebook(
      store.runId,
      kind,
      version.current?.etag ?? null
    );
    if (answer) {
      version.current = answer;
    }
    return version.current?.content;
  }, [store, kind]);
  const { value, error, reload } = useReading<unknown>(store, SAVED, read);
  if (isNotFound(error) && !value) {
    return (
      <EmptyState
        title={
          store.isLive
            ? trans.__('The notebook appears when the first cell runs')
            : trans.__('This run left no notebook')
        }
      />
    );
  }
  if (!value) {
    return error ? (
      <ErrorState error={error} onRetry={reload} />
    ) : (
      <LoadingState label={trans.__('Loading the notebook…')} />
    );
  }
  return (
    <>
      <Keep
        run={run}
        address={store.api.notebookUrl(store.runId, kind)}
        content={value as nbformat.INotebookContent}
        openCopy={props.openCopy}
      />
      <Cells
        content={value as nbformat.INotebookContent}
        tools={tools}
        rendermime={rendermime}
        cell={kind === 'executed' ? cell : null}
        request={request}
      />
    </>
  );
}

interface IKeepProps {
  run: Run;
  /** Of the file, which is downloaded as it is: numbers read here may lose digits. */
  address: string;
  content: nbformat.INotebookContent;
  openCopy: INotebookViewProps['openCopy'];
}

/** Ways to have the notebook as a file. */
function Keep({ run, address, content, openCopy }: IKeepProps): JSX.Element {
  const trans = useTrans();
  const { isBusy, problem, make } = useChange();
  return (
    <div className="jp-Mlops-Actions jp-Mlops-NotebookView-keep">
      {problem && (
        <span className="jp-Mlops-Problem" role="alert">
          {problem}
        </span>
      )}
      <button
        type="button"
        className="jp-Mlops-Link"
        title={trans.__(
          'Writes a copy beside the source notebook, under a name that is free'
        )}
        disabled={isBusy}
        onClick={() => void make(() => openCopy(content))}
      >
        {trans.__('Open a copy in JupyterLab')}
      </button>
      <a
        className="jp-Mlops-Link"
        href={address}
        download={`${run.name}.ipynb`}
      >
        {trans.__('Download')}
      </a>
    </div>
  );
}

interface ICellsProps {
  content: nbformat.INotebookContent;
  tools: INotebookTools;
  rendermime: IRenderMimeRegistry;
  cell: number | null;
  request: number;
}

function Cells(props: ICellsProps): JSX.Element {
  const { content, tools, rendermime, cell, request } = props;
  const trans = useTrans();
  const host = useRef<HTMLDivElement>(null);
  const widget = useRef<NotebookCells | null>(null);

  // A layout effect: its end comes while the node is still in the page, as Lumino wants it.
  useLayoutEffect(() => {
    const node = host.current;
    if (!node) {
      return;
    }
    const cells = new NotebookCells(tools, rendermime, node);
    widget.current = cells;
    Widget.attach(cells, node);
    return () => {
      widget.current = null;
      Widget.detach(cells);
      cells.dispose();
    };
  }, [tools, rendermime]);

  useEffect(() => {
    widget.current?.setContent(content);
  }, [content, tools, rendermime]);

  useEffect(() => {
    if (cell !== null) {
      widget.current?.reveal(cell);
    }
  }, [cell, request, tools, rendermime]);

  return (
    <div
      className="jp-Mlops-NotebookHost"
      ref={host}
      tabIndex={0}
      role="region"
      aria-label={trans.__('Cells of the notebook')}
    />
  );
}
