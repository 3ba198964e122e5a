/** The note of a run: Markdown through JupyterLab's own sanitiser, edited in place. */
import { type IRenderMimeRegistry, MimeModel } from '@jupyterlab/rendermime';
import { Widget } from '@lumino/widgets';
import { useLayoutEffect, useRef, useState } from 'react';

import { useTrans } from '../components/translation';
import { ApiError, errorMessage } from '../contract/errors';
import type { Run } from '../contract/types';
import type { RunPageStore } from './run_page_store';

export interface INoteProps {
  store: RunPageStore;
  run: Run;
  rendermime: IRenderMimeRegistry;
}

/** The version when editing began guards against overwriting what somebody else wrote meanwhile. */
export function Note({ store, run, rendermime }: INoteProps): JSX.Element {
  const trans = useTrans();
  const [draft, setDraft] = useState<string | null>(null);
  const [before, setBefore] = useState(run.note);
  const [error, setError] = useState('');

  const save = async (): Promise<void> => {
    if (draft === null) {
      return;
    }
    try {
      // Progress moves the version too, so it is the note itself that must be as it was.
      const now = await store.api.run(run.run_id);
      if (now.note !== before) {
        store.put(now);
        setError(
          trans.__(
            'Somebody changed this note meanwhile. Theirs is kept; copy yours, cancel, and edit again.'
          )
        );
        return;
      }
      store.put(
        await store.api.changeRun(run.run_id, { note: draft }, now.version)
      );
      setDraft(null);
      setError('');
    } catch (reason) {
      setError(
        reason instanceof ApiError && reason.status === 412
          ? trans.__('The run changed at this very moment. Save again.')
          : errorMessage(reason)
      );
    }
  };

  if (draft === null) {
    return (
      <>
        {run.note && <Markdown text={run.note} rendermime={rendermime} />}
        <button
          type="button"
          className="jp-Mlops-Link"
          onClick={() => {
            setBefore(run.note);
            setDraft(run.note);
          }}
        >
          {run.note ? trans.__('Edit note') : trans.__('Add a note')}
        </button>
      </>
    );
  }
  return (
    <div className="jp-Mlops-NoteForm">
      <textarea
        className="jp-Mlops-Input"
        aria-label={trans.__('Note, in Markdown')}
        rows={6}
        autoFocus
        value={draft}
        onChange={event => setDraft(event.target.value)}
      />
      {error && (
        <p className="jp-Mlops-Problem" role="alert">
          {error}
        </p>
      )}
      <div className="jp-Mlops-Actions">
        <button
          type="button"
          className="jp-Mlops-Button jp-Mlops-Button-accept"
          onClick={() => void save()}
        >
          {trans.__('Save')}
        </button>
        <button
          type="button"
          className="jp-Mlops-Button"
          onClick={() => {
            setDraft(null);
            setError('');
          }}
        >
          {trans.__('Cancel')}
        </button>
      </div>
    </div>
  );
}

export interface IMarkdownProps {
  text: string;
  rendermime: IRenderMimeRegistry;
}

/** Render untrusted Markdown. */
export function Markdown({ text, rendermime }: IMarkdownProps): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  // A layout effect: its end comes while the node is still in the page, as Lumino wants it.
  useLayoutEffect(() => {
    const node = host.current;
    if (!node) {
      return;
    }
    const renderer = rendermime.createRenderer('text/markdown');
    void renderer.renderModel(
      new MimeModel({ data: { 'text/markdown': text }, trusted: false })
    );
    Widget.attach(renderer, node);
    return () => {
      Widget.detach(renderer);
      renderer.dispose();
    };
  }, [text, rendermime]);
  return <div className="jp-Mlops-Markdown" ref={host} />;
}
