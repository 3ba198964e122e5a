/** The executed notebook of a run, read again whenever it was saved. */
import type * as nbformat from '@jupyterlab/nbformat';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { Widget } from '@lumino/widgets';
import {
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState
} from 'react';

import { EmptyState, ErrorState, LoadingState } from '../components/states';
import { useTrans } from '../components/translation';
import { isNotFound } from '../contract/errors';
import type { EventType, Run } from '../contract/types';
import { download } from './csv';
import { type INotebookTools, NotebookCells } from './notebook_cells';
import type { RunPageStore } from './run_page_store';
import { useReading } from './use_news';

const SAVED: readonly EventType[] = ['run.progressed', 'run.ended'];

export interface INotebookViewProps {
  store: RunPageStore;
  run: Run;
  tools: INotebookTools;
  rendermime: IRenderMimeRegistry;
  /** The cell to begin with. */
  cell: number | null;
}

type Kind = 'source' | 'executed';

export function NotebookView(props: INotebookViewProps): JSX.Element {
  const trans = useTrans();
  const [kind, setKind] = useState<Kind>('executed');
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
            onClick={() => setKind(name)}
          >
            {label}
          </button>
        ))}
      </div>
      <Notebook key={kind} {...props} kind={kind} />
    </div>
  );
}

function Notebook(props: INotebookViewProps & { kind: Kind }): JSX.Element {
  const { store, run, tools, rendermime, cell, kind } = props;
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
  const save = (): void =>
    download(
      new Blob([JSON.stringify(value, null, 1)], { type: 'application/json' }),
      `${run.name}.ipynb`
    );
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
      <button
        type="button"
        className="jp-Mlops-Link jp-Mlops-NotebookView-save"
        onClick={save}
      >
        {trans.__('Download')}
      </button>
      <Cells
        content={value as nbformat.INotebookContent}
        tools={tools}
        rendermime={rendermime}
        cell={kind === 'executed' ? cell : null}
      />
    </>
  );
}

interface ICellsProps {
  content: nbformat.INotebookContent;
  tools: INotebookTools;
  rendermime: IRenderMimeRegistry;
  cell: number | null;
}

function Cells({ content, tools, rendermime, cell }: ICellsProps): JSX.Element {
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
  }, [cell, tools, rendermime]);

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
