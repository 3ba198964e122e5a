/** The files of a run: a list, and a safe look at the chosen one. */
import '../../style/run_artifacts.css';

import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { useCallback, useState } from 'react';

import { formatBytes } from '../components/byte_size';
import { EmptyState, ErrorState, LoadingState } from '../components/states';
import { useTrans } from '../components/translation';
import { errorMessage } from '../contract/errors';
import type { Artifact, ArtifactList, EventType } from '../contract/types';
import { download } from './csv';
import { Preview } from './preview';
import type { RunPageStore } from './run_page_store';
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
  const [chosen, setChosen] = useState<string | null>(null);
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

function Save({
  store,
  artifact
}: {
  store: RunPageStore;
  artifact: Artifact;
}): JSX.Element {
  const trans = useTrans();
  const [error, setError] = useState('');
  const save = async (): Promise<void> => {
    try {
      const content = await store.api.artifactContent(
        store.runId,
        artifact.path
      );
      download(content, artifact.path.split('/').at(-1) ?? artifact.path);
      setError('');
    } catch (reason) {
      setError(errorMessage(reason));
    }
  };
  return (
    <div className="jp-Mlops-Actions">
      <strong className="jp-Mlops-Preview-path">{artifact.path}</strong>
      <button
        type="button"
        className="jp-Mlops-Button"
        onClick={() => void save()}
      >
        {trans.__('Download')}
      </button>
      <code className="jp-Mlops-Hint" title={artifact.digest}>
        {artifact.digest.slice(0, 19)}…
      </code>
      {error && (
        <span className="jp-Mlops-Problem" role="alert">
          {error}
        </span>
      )}
    </div>
  );
}
