/** The tags of a run: remove one, add one. */
import { closeIcon } from '@jupyterlab/ui-components';
import type { FormEvent } from 'react';

import { useTrans } from '../components/translation';
import type { Run } from '../contract/types';
import type { RunPageStore } from './run_page_store';
import { useChange } from './use_change';
import { useKept } from './use_kept';

export interface ITagsProps {
  store: RunPageStore;
  run: Run;
}

export function Tags({ store, run }: ITagsProps): JSX.Element {
  const trans = useTrans();
  const [text, setText] = useKept(store, 'tag', '');
  const { isBusy, problem, setProblem, make } = useChange();

  const change = (call: () => Promise<Run>): Promise<boolean> =>
    make(async () => store.put(await call()));
  const add = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const [key = '', ...rest] = text.split('=');
    if (!key.trim()) {
      setProblem(trans.__('Write a tag as key=value.'));
      return;
    }
    const value = rest.join('=').trim();
    if (await change(() => store.api.setTag(run.run_id, key.trim(), value))) {
      setText('');
    }
  };

  return (
    <>
      {run.tags.length > 0 && (
        <ul className="jp-Mlops-Tags">
          {run.tags.map(tag => (
            <li key={tag.key} className="jp-Mlops-Tag">
              <span className="jp-Mlops-Tag-key">{tag.key}</span>
              {tag.value && <span>{tag.value}</span>}
              <button
                type="button"
                className="jp-Mlops-IconButton"
                aria-label={trans.__('Remove tag %1', tag.key)}
                disabled={isBusy}
                onClick={() =>
                  void change(() => store.api.removeTag(run.run_id, tag.key))
                }
              >
                <closeIcon.react tag="span" width="10px" height="10px" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <form className="jp-Mlops-TagForm" onSubmit={event => void add(event)}>
        <input
          className="jp-Mlops-Input"
          aria-label={trans.__('New tag, as key=value')}
          placeholder={trans.__('key=value')}
          value={text}
          onChange={event => setText(event.target.value)}
        />
        <button type="submit" className="jp-Mlops-Button" disabled={isBusy}>
          {trans.__('Add')}
        </button>
      </form>
      {problem && (
        <p className="jp-Mlops-Problem" role="alert">
          {problem}
        </p>
      )}
    </>
  );
}
