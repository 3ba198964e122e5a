/** The files of a run: a list, and a safe look at the chosen one. */
import '../../style/run_artifacts.css';

import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { useCallback } from 'react';

import { formatBytes } from '../components/byte_size';
import { EmptyState, ErrorState, LoadingState } from '../components/states';
import { useTrans } from '../components/translation';
import type { Artifact, ArtifactList, EventType } from '../contract/types';
import { Preview } from './preview';
import type { RunPageStore } from './run_page_store';
import { useKept } from './use_kept';
import { useReading } from './use_news';

/** Code is the same in every language. */
const EXAMPLE = 'log_artifact("model.onnx")';
const LOGGED: readonly EventType[] = ['run.logged', 'run.ended'];

export interface IArtifactsViewProps {
  store: RunPageStore;
  rendermime: IRenderMimeRegistry;
}

export function ArtifactsView({
  store,
  rendermime
}: IArtifactsViewProps): JSX.Element {
  const trans = useTrans();
  const [chosen, setChosen] = useKept<string | null>(store, 'artifact', null);
  const read = useCallback(() => store.api.artifacts(store.runId), [store]);
  const { value, error, reload } = useReading<ArtifactList>(
    store,
    LOGGED,
    read
  );
  if (!value) {
    return error ? (
      <ErrorState error={error} onRetry={reload} />
    ) : (
      <LoadingState label={trans.__('Loading…')} />
    );
  }
  const { artifacts } = value;
  if (artifacts.length === 0) {
    return (
      <EmptyState title={trans.__('No artifacts')}>
        <p>
          {trans.__('In a notebook, keep a file or a figure with the run:')}{' '}
          <code>{EXAMPLE}</code>
        </p>
      </EmptyState>
    );
  }
  const artifact =
    artifacts.find(item => item.path === chosen) ??
    artifacts.find(item => item.preview === 'image') ??
    artifacts[0];
  return (
    <div className="jp-Mlops-Artifacts">
      <ul className="jp-Mlops-Artifacts-list">
        {artifacts.map(item => (
          <li key={item.path}>
            <button
              type="button"
              className="jp-Mlops-Artifact"
              aria-current={item === artifact}
              onClick={() => setChosen(item.path)}
            >
              <span className="jp-Mlops-Artifact-path">{item.path}</span>
              <span className="jp-Mlops-Artifact-size">
                {formatBytes(item.size)}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {artifact && (
        <section className="jp-Mlops-Preview" aria-label={artifact.path}>
          <Save store={store} artifact={artifact} />
          <Preview store={store} artifact={artifact} rendermime={rendermime} />
        </section>
      )}
    </div>
  );
}

/** The browser fetches the file itself, straight to the disk and with its own progress: files may be large. */
function Save({
  store,
  artifact
}: {
  store: RunPageStore;
  artifact: Artifact;
}): JSX.Element {
  const trans = useTrans();
  return (
    <div className="jp-Mlops-Actions">
      <strong className="jp-Mlops-Preview-path">{artifact.path}</strong>
      <a
        className="jp-Mlops-Button"
        href={store.api.artifactUrl(store.runId, artifact.path)}
        download={artifact.path.split('/').at(-1)}
      >
        {trans.__('Download')}
      </a>
      <code className="jp-Mlops-Hint" title={artifact.digest}>
        {artifact.digest.slice(0, 19)}…
      </code>
    </div>
  );
}
