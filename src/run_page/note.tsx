/** The note of a run: Markdown through JupyterLab's own sanitiser, edited in place. */
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { useRef } from 'react';

import { useTrans } from '../components/translation';
import { ApiError, errorMessage } from '../contract/errors';
import type { Run } from '../contract/types';
import { Markdown } from './markdown';
import type { RunPageStore } from './run_page_store';
import { useChange } from './use_change';
import { useKept } from './use_kept';

export interface INoteProps {
  store: RunPageStore;
  run: Run;
  rendermime: IRenderMimeRegistry;
}

/** A note that is being written. */
interface IDraft {
  text: string;
  /** The note when the writing began: guards against overwriting what somebody else wrote meanwhile. */
  before: string;
}

export function Note({ store, run, rendermime }: INoteProps): JSX.Element {
  const trans = useTrans();
  const [draft, setDraft] = useKept<IDraft | null>(store, 'note', null);
  const { isBusy, problem, setProblem, make } = useChange();
  // A draft that waited behind another tab must not take the focus from the list of tabs.
  const isBegun = useRef(false);

  const save = async ({ text, before }: IDraft): Promise<void> => {
    // Events of the run move its version too, so it is the note itself that must be as it was.
    const now = await store.api.run(run.run_id);
    if (now.note !== before) {
      store.put(now);
      throw new Error(
        trans.__(
          'Somebody changed this note meanwhile. Theirs is kept; copy yours, cancel, and edit again.'
        )
      );
    }
    const saved = await store.api.changeRun(
      run.run_id,
      { note: text },
      now.version
    );
    store.put(saved);
    // Who wrote on meanwhile goes on from what was saved.
    setDraft(current =>
      current === null || current.text === text
        ? null
        : { text: current.text, before: saved.note }
    );
  };
  const explain = (reason: unknown): string =>
    reason instanceof ApiError && reason.status === 412
      ? trans.__('The run changed at this very moment. Save again.')
      : errorMessage(reason);

  if (draft === null) {
    return (
      <>
        {run.note && <Markdown text={run.note} rendermime={rendermime} />}
        <button
          type="button"
          className="jp-Mlops-Link"
          onClick={() => {
            isBegun.current = true;
            setDraft({ text: run.note, before: run.note });
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
        autoFocus={isBegun.current}
        value={draft.text}
        onChange={event => setDraft({ ...draft, text: event.target.value })}
      />
      {problem && (
        <p className="jp-Mlops-Problem" role="alert">
          {problem}
        </p>
      )}
      <div className="jp-Mlops-Actions">
        <button
          type="button"
          className="jp-Mlops-Button jp-Mlops-Button-accept"
          disabled={isBusy}
          onClick={() => void make(() => save(draft), explain)}
        >
          {isBusy ? trans.__('Saving…') : trans.__('Save')}
        </button>
        <button
          type="button"
          className="jp-Mlops-Button"
          disabled={isBusy}
          onClick={() => {
            setDraft(null);
            setProblem('');
          }}
        >
          {trans.__('Cancel')}
        </button>
      </div>
    </div>
  );
}
