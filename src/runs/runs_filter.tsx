/** The search box and the filters above the list of runs. */
import { deleteIcon, filterIcon } from '@jupyterlab/ui-components';
import { useEffect, useId, useRef, useState } from 'react';

import { useTrans } from '../components/translation';
import { useStore } from '../components/use_store';
import type { RunStatus } from '../contract/types';
import type { IExperimentsStore, IRunsStore } from '../state/tokens';

export interface IRunsFilterProps {
  store: IRunsStore;
  experiments: IExperimentsStore;
}

/** Milliseconds after the last key before the server is asked. */
const PAUSE = 250;

const CHOICES: Readonly<Record<string, readonly RunStatus[]>> = {
  all: [],
  active: ['SCHEDULED', 'RUNNING'],
  finished: ['FINISHED'],
  failed: ['FAILED'],
  cancelled: ['KILLED']
};

export function RunsFilter({
  store,
  experiments
}: IRunsFilterProps): JSX.Element {
  const trans = useTrans();
  useStore(store);
  useStore(experiments);
  useEffect(() => experiments.need(), [experiments]);
  const { deleted, experimentId, status } = store.filter;
  const choicesId = useId();
  const isActive = experimentId !== null || status.length > 0;
  const [isOpen, setOpen] = useState(isActive);
  // A link may lead to one experiment: what is left out must be seen.
  useEffect(() => {
    if (isActive) {
      setOpen(true);
    }
  }, [isActive]);
  const names: Readonly<Record<string, string>> = {
    all: trans.__('All states'),
    active: trans.__('Active'),
    finished: trans.__('Finished'),
    failed: trans.__('Failed'),
    cancelled: trans.__('Cancelled')
  };
  const choice =
    Object.keys(CHOICES).find(
      name => CHOICES[name]?.join() === status.join()
    ) ?? 'all';
  return (
    <div className="jp-Mlops-RunsFilter" role="search">
      <SearchBox store={store} />
      <button
        type="button"
        className="jp-Mlops-IconButton"
        title={trans.__('Filter by state and experiment')}
        aria-label={trans.__('Filter by state and experiment')}
        aria-expanded={isOpen}
        aria-controls={choicesId}
        data-active={isActive || undefined}
        onClick={() => setOpen(!isOpen)}
      >
        <filterIcon.react tag={null} />
      </button>
      <button
        type="button"
        className="jp-Mlops-IconButton"
        title={trans.__('Show the trash')}
        aria-label={trans.__('Show the trash')}
        aria-pressed={deleted}
        onClick={() => store.setFilter({ deleted: !deleted })}
      >
        <deleteIcon.react tag={null} />
      </button>
      <div
        id={choicesId}
        className="jp-Mlops-RunsFilter-choices"
        hidden={!isOpen}
      >
        <select
          className="jp-Mlops-Select"
          aria-label={trans.__('Filter by state')}
          value={choice}
          data-active={choice !== 'all' || undefined}
          onChange={event =>
            store.setFilter({ status: CHOICES[event.target.value] ?? [] })
          }
        >
          {Object.keys(CHOICES).map(name => (
            <option key={name} value={name}>
              {names[name]}
            </option>
          ))}
        </select>
        <select
          className="jp-Mlops-Select"
          aria-label={trans.__('Filter by experiment')}
          value={experimentId ?? ''}
          data-active={experimentId !== null || undefined}
          onChange={event =>
            store.setFilter({
              experimentId: event.target.value
                ? Number(event.target.value)
                : null
            })
          }
        >
          <option value="">{trans.__('All experiments')}</option>
          {experiments.experiments.map(({ experiment_id, name, run_count }) => (
            <option key={experiment_id} value={experiment_id}>
              {`${name} (${run_count})`}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
}

function SearchBox({ store }: { store: IRunsStore }): JSX.Element {
  const trans = useTrans();
  const [text, setText] = useState(store.filter.search);
  const timer = useRef(0);
  const asked = useRef(store.filter.search);
  const { search } = store.filter;

  // Another part cleared the filter: the box follows.
  useEffect(() => {
    if (search !== asked.current) {
      asked.current = search;
      setText(search);
    }
  }, [search]);
  useEffect(() => () => window.clearTimeout(timer.current), []);

  const ask = (value: string, pause: number): void => {
    setText(value);
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => {
      if (value !== store.filter.search) {
        asked.current = value;
        store.setFilter({ search: value });
      }
    }, pause);
  };
  return (
    <input
      type="search"
      className="jp-Mlops-Input jp-Mlops-RunsFilter-search"
      aria-label={trans.__('Search runs')}
      placeholder={trans.__('Search by name, notebook, parameter…')}
      autoComplete="off"
      spellCheck={false}
      value={text}
      onChange={event => ask(event.target.value, PAUSE)}
      onKeyDown={event => {
        if (event.key === 'Escape' && text) {
          event.stopPropagation();
          event.preventDefault();
          ask('', 0);
        }
      }}
    />
  );
}
