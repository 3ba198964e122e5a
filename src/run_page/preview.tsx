/** What an artifact looks like, without ever trusting it. */
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { useCallback, useEffect, useMemo, useState } from 'react';

import { ErrorState, LoadingState } from '../components/states';
import { useTrans } from '../components/translation';
import type { Artifact, EventType } from '../contract/types';
import { csvRows } from './csv_rows';
import { indentedJson } from './json_text';
import { Markdown } from './markdown';
import type { RunPageStore } from './run_page_store';
import { framed, sandboxOf } from './safe_html';
import { useReading } from './use_news';

const TEXT_MAX = 512 * 1024;
const IMAGE_MAX = 32 * 1024 * 1024;
const ROWS_MAX = 200;
const COLUMNS_MAX = 100;
/** A file that changes has another digest, and is another file here. */
const NOTHING: readonly EventType[] = [];

export interface IPreviewProps {
  store: RunPageStore;
  artifact: Artifact;
  rendermime: IRenderMimeRegistry;
}

export function Preview(props: IPreviewProps): JSX.Element {
  const trans = useTrans();
  const { preview, size, path, digest } = props.artifact;
  if (preview === 'none') {
    return (
      <p className="jp-Mlops-Hint">
        {trans.__('There is no preview of this kind of file; download it.')}
      </p>
    );
  }
  if (preview === 'image' && size > IMAGE_MAX) {
    return (
      <p className="jp-Mlops-Hint">
        {trans.__('This image is too large to show here; download it.')}
      </p>
    );
  }
  return <Content key={`${digest} ${path}`} {...props} />;
}

function Content({ store, artifact, rendermime }: IPreviewProps): JSX.Element {
  const trans = useTrans();
  const { path, preview, size } = artifact;
  const limit = preview === 'image' ? IMAGE_MAX : TEXT_MAX;
  const isCut = size > limit;
  const read = useCallback(
    () =>
      store.api.artifactContent(
        store.runId,
        path,
        isCut ? `bytes=0-${limit - 1}` : undefined
      ),
    [store, path, isCut, limit]
  );
  const { value, error, reload } = useReading<Blob>(store, NOTHING, read);
  if (!value) {
    return error ? (
      <ErrorState error={error} onRetry={reload} />
    ) : (
      <LoadingState label={trans.__('Loading…')} />
    );
  }
  return (
    <>
      {preview === 'image' ? (
        <Image content={value} artifact={artifact} />
      ) : (
        <Text content={value} artifact={artifact} rendermime={rendermime} />
      )}
      {isCut && (
        <p className="jp-Mlops-Hint">
          {trans.__('Only the beginning is shown; download the whole file.')}
        </p>
      )}
    </>
  );
}

/** An image element runs no script, whatever is in the file; SVG included. */
function Image({
  content,
  artifact
}: {
  content: Blob;
  artifact: Artifact;
}): JSX.Element | null {
  const [address, setAddress] = useState('');
  useEffect(() => {
    const made = URL.createObjectURL(
      new Blob([content], { type: artifact.media_type })
    );
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [content, artifact.media_type]);
  return address ? (
    <img className="jp-Mlops-Preview-image" src={address} alt={artifact.path} />
  ) : null;
}

function Text({
  content,
  artifact,
  rendermime
}: {
  content: Blob;
  artifact: Artifact;
  rendermime: IRenderMimeRegistry;
}): JSX.Element | null {
  const [text, setText] = useState<string | null>(null);
  useEffect(() => {
    let isCurrent = true;
    void content.text().then(read => isCurrent && setText(read));
    return () => {
      isCurrent = false;
    };
  }, [content]);
  if (text === null) {
    return null;
  }
  switch (artifact.preview) {
    case 'table':
      return (
        <Table
          text={text}
          delimiter={artifact.path.endsWith('.tsv') ? '\t' : ','}
        />
      );
    case 'html':
      return <Html key={artifact.digest} text={text} path={artifact.path} />;
    case 'markdown':
      return <Markdown text={text} rendermime={rendermime} />;
    case 'json':
    case 'notebook':
      return <pre className="jp-Mlops-Preview-text">{indentedJson(text)}</pre>;
    default:
      return <pre className="jp-Mlops-Preview-text">{text}</pre>;
  }
}

function Table({
  text,
  delimiter
}: {
  text: string;
  delimiter: string;
}): JSX.Element {
  const trans = useTrans();
  // One more of each than is shown, to know whether there is more.
  const [head = [], ...rows] = useMemo(
    () =>
      csvRows(text, delimiter, ROWS_MAX + 2).map(row =>
        row.slice(0, COLUMNS_MAX + 1)
      ),
    [text, delimiter]
  );
  const hasMoreRows = rows.length > ROWS_MAX;
  const hasMoreColumns = [head, ...rows].some(row => row.length > COLUMNS_MAX);
  return (
    <>
      <div
        className="jp-Mlops-Preview-table"
        tabIndex={0}
        role="region"
        aria-label={trans.__('Table')}
      >
        <table className="jp-Mlops-Table">
          <thead>
            <tr>
              {head.slice(0, COLUMNS_MAX).map((cell, index) => (
                <th key={index} scope="col">
                  {cell}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, ROWS_MAX).map((row, index) => (
              <tr key={index}>
                {row.slice(0, COLUMNS_MAX).map((cell, column) => (
                  <td key={column}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {hasMoreRows && (
        <p className="jp-Mlops-Hint">
          {trans.__('The first %1 rows.', ROWS_MAX)}
        </p>
      )}
      {hasMoreColumns && (
        <p className="jp-Mlops-Hint">
          {trans.__('The first %1 columns.', COLUMNS_MAX)}
        </p>
      )}
    </>
  );
}

/** Scripts run only when the reader asks, for this one content; the choice is not remembered. */
function Html({ text, path }: { text: string; path: string }): JSX.Element {
  const trans = useTrans();
  const [withScripts, setWithScripts] = useState(false);
  return (
    <>
      {!withScripts && (
        <div className="jp-Mlops-Actions">
          <span className="jp-Mlops-Hint">
            {trans.__('Shown without scripts.')}
          </span>
          <button
            type="button"
            className="jp-Mlops-Link"
            onClick={() => setWithScripts(true)}
          >
            {trans.__('Run its scripts in the sandbox')}
          </button>
        </div>
      )}
      <iframe
        key={String(withScripts)}
        className="jp-Mlops-Preview-frame"
        title={path}
        sandbox={sandboxOf(withScripts)}
        srcDoc={framed(text, withScripts)}
        referrerPolicy="no-referrer"
      />
    </>
  );
}
