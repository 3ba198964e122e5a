/** The tags of a run: remove one, add one. */
import { closeIcon } from '@jupyterlab/ui-components';
import { type FormEvent, useRef } from 'react';

import { useTrans } from '../components/translation';
import { errorMessage } from '../contract/errors';
import type { Run, Tag } from '../contract/types';
import type { RunPageStore } from './run_page_store';
import { useChange } from './use_change';
import { useKept } from './use_kept';

const NONE: readonly string[] = [];

/** Whether MLflow's client set a tag for its own purposes. */
export function isOfMlflow({ key }: Tag): boolean {
  return key.startsWith('mlflow.');
}

export interface ITagsProps {
  store: RunPageStore;
  run: Run;
}

export function Tags({ store, run }: ITagsProps): JSX.Element {
  const trans = useTrans();
  const [text, setText] = useKept(store, 'tag', '');
  const { isBusy, problem, setProblem, make } = useChange();
  // What was sent and is not answered: who types tags one after the other waits for none.
  const [waiting, setWaiting] = useKept(store, 'tags sent', NONE);
  const [refusals, setRefusals] = useKept(store, 'tags refused', NONE);
  const lastAnswer = useRef(Promise.resolve());

  const add = (event: FormEvent): void => {
    event.preventDefault();
    const [key = '', ...rest] = text.split('=');
    if (!key.trim()) {
      // The second half of a double click finds an empty field.
      if (text || waiting.length === 0) {
        setRefusals(NONE);
        setProblem(trans.__('Write a tag as key=value.'));
      }
      return;
    }
    setText('');
    setProblem('');
    setRefusals(NONE);
    setWaiting(before => [...before, text]);
    lastAnswer.current = lastAnswer.current.then(() =>
      send(text, key.trim(), rest.join('=').trim())
    );
  };
  const send = async (
    written: string,
    key: string,
    value: string
  ): Promise<void> => {
    try {
      store.put(await store.api.setTag(run.run_id, key, value));
    } catch (reason) {
      const isFree = !store.kept.get('tag');
      const why = errorMessage(reason);
      setRefusals(before => [
        ...before,
        // What cannot be put back into the field is named.
        isFree ? why : trans.__('%1 was not added: %2', written, why)
      ]);
      setText(now => now || written);
    }
    setWaiting(before =>
      before.filter((_, index) => index !== before.indexOf(written))
    );
  };
  const remove = (key: string): Promise<boolean> =>
    make(async () => store.put(await store.api.removeTag(run.run_id, key)));

  const item = ({ key, value }: Tag): JSX.Element => (
    <li key={key} className="jp-Mlops-Tag">
      <span className="jp-Mlops-Tag-key">{key}</span>
      {value && <span>{value}</span>}
      <button
        type="button"
        className="jp-Mlops-IconButton"
        aria-label={trans.__('Remove tag %1', key)}
        disabled={isBusy}
        onClick={() => void remove(key)}
      >
        <closeIcon.react tag="span" width="10px" height="10px" />
      </button>
    </li>
  );
  const own = run.tags.filter(tag => !isOfMlflow(tag));
  const ofMlflow = run.tags.filter(isOfMlflow);
  return (
    <>
      {own.length + waiting.length > 0 && (
        <ul className="jp-Mlops-Tags">
          {own.map(item)}
          {waiting.map((written, index) => (
            <li
              key={`${index} ${written}`}
              className="jp-Mlops-Tag jp-mod-waiting"
              aria-busy="true"
            >
              {written}
            </li>
          ))}
        </ul>
      )}
      <form className="jp-Mlops-TagForm" onSubmit={add}>
        <input
          className="jp-Mlops-Input"
          aria-label={trans.__('New tag, as key=value')}
          placeholder={trans.__('key=value')}
          value={text}
          onChange={event => setText(event.target.value)}
        />
        <button type="submit" className="jp-Mlops-Button">
          {trans.__('Add')}
        </button>
      </form>
      {ofMlflow.length > 0 && (
        <details className="jp-Mlops-Tags-more">
          <summary>
            {trans._n('%1 tag of MLflow', '%1 tags of MLflow', ofMlflow.length)}
          </summary>
          <ul className="jp-Mlops-Tags">{ofMlflow.map(item)}</ul>
        </details>
      )}
      {[...refusals, problem].filter(Boolean).map((message, index) => (
        <p
          key={`${index} ${message}`}
          className="jp-Mlops-Problem"
          role="alert"
        >
          {message}
        </p>
      ))}
    </>
  );
}
