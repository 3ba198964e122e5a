/** The options of a run, folded away below its parameters. */
import { useEffect, useId } from 'react';

import { Field } from '../components/field';
import { useTrans } from '../components/translation';
import { useStore } from '../components/use_store';
import type { IMlopsApi } from '../contract/client';
import type { IExperimentsStore, IPreferencesStore } from '../state/tokens';
import { stemOf, type TimeUnit } from './form_options';
import { KernelField } from './kernel_field';
import type { RunFormStore } from './run_form_store';

export interface IOptionFieldsProps {
  api: IMlopsApi;
  store: RunFormStore;
  experiments: IExperimentsStore;
  preferences: IPreferencesStore;
}

/** The experiment stands apart from the other options: most users choose it. */
export function ExperimentField({
  store,
  experiments
}: Pick<IOptionFieldsProps, 'store' | 'experiments'>): JSX.Element {
  useStore(experiments);
  const trans = useTrans();
  const listId = useId();
  useEffect(() => experiments.need(), [experiments]);
  const name = store.options.experiment.trim();
  const isNew =
    name !== '' &&
    experiments.experiments.length > 0 &&
    name !== store.inspection?.default_experiment &&
    !experiments.experiments.some(
      experiment => experiment.name.toLowerCase() === name.toLowerCase()
    );
  return (
    <Field
      label={trans.__('Experiment')}
      note={isNew ? trans.__('new') : undefined}
      error={store.errors.options.experiment}
    >
      {control => (
        <>
          <input
            {...control}
            type="text"
            className="jp-Mlops-Input"
            list={listId}
            autoComplete="off"
            placeholder={store.inspection?.default_experiment}
            value={store.options.experiment}
            onChange={event =>
              store.setOption('experiment', event.target.value)
            }
          />
          <datalist id={listId}>
            {experiments.experiments.map(({ experiment_id, name: known }) => (
              <option key={experiment_id} value={known} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}

/** The name of the run, which a clone can be given too. */
export function NameField({
  store
}: Pick<IOptionFieldsProps, 'store'>): JSX.Element {
  const trans = useTrans();
  const path = store.inspection?.path;
  return (
    <Field label={trans.__('Run name')} error={store.errors.options.name}>
      {control => (
        <input
          {...control}
          type="text"
          className="jp-Mlops-Input"
          autoComplete="off"
          placeholder={store.clonedRun?.name ?? (path ? stemOf(path) : '')}
          value={store.options.name}
          onChange={event => store.setOption('name', event.target.value)}
        />
      )}
    </Field>
  );
}

/** Whether MLflow logs by itself in a run; null where it could not. */
export function useAutolog({
  store,
  preferences
}: Pick<IOptionFieldsProps, 'store' | 'preferences'>): boolean | null {
  useStore(preferences);
  useEffect(() => preferences.need(), [preferences]);
  if (store.inspection?.language !== 'python') {
    return null;
  }
  return store.options.autolog ?? preferences.now?.autolog ?? false;
}

function AutologField(
  props: Pick<IOptionFieldsProps, 'store' | 'preferences'>
): JSX.Element | null {
  const trans = useTrans();
  const isOn = useAutolog(props);
  if (isOn === null) {
    return null;
  }
  return (
    <Field
      inline
      label={trans.__('Autolog with MLflow')}
      help={trans.__(
        'Logs training by itself, with libraries that MLflow knows.'
      )}
    >
      {control => (
        <input
          {...control}
          type="checkbox"
          role="switch"
          className="jp-Mlops-Switch"
          checked={isOn}
          onChange={event =>
            props.store.setOption('autolog', event.target.checked)
          }
        />
      )}
    </Field>
  );
}

/** Kernel, time limit, and the copy of the executed notebook. */
export function OptionFields(props: IOptionFieldsProps): JSX.Element {
  const { api, store } = props;
  const { options, errors } = store;
  const trans = useTrans();
  const path = store.inspection?.path;
  return (
    <>
      <KernelField
        api={api}
        notebookKernel={store.inspection?.kernel_name ?? null}
        language={store.inspection?.language ?? 'python'}
        value={options.kernelName}
        error={errors.options.kernelName ?? null}
        onChange={name => store.setOption('kernelName', name)}
      />
      <Field label={trans.__('Time limit')} error={errors.options.timeLimit}>
        {control => (
          <div className="jp-Mlops-Field-row">
            <input
              {...control}
              type="text"
              inputMode="decimal"
              className="jp-Mlops-Input"
              autoComplete="off"
              placeholder={trans.__('None')}
              value={options.timeLimit}
              onChange={event =>
                store.setOption('timeLimit', event.target.value)
              }
            />
            <select
              className="jp-Mlops-Select"
              aria-label={trans.__('Unit of the time limit')}
              value={options.timeUnit}
              onChange={event =>
                store.setOption('timeUnit', event.target.value as TimeUnit)
              }
            >
              <option value="s">{trans.__('seconds')}</option>
              <option value="min">{trans.__('minutes')}</option>
              <option value="h">{trans.__('hours')}</option>
            </select>
          </div>
        )}
      </Field>
      <Field
        label={trans.__('Save executed notebook to')}
        help={
          store.isCopyProposed
            ? trans.__(
                'The folder is made if it is missing; a name that is taken gets a number.'
              )
            : trans.__('The run keeps its own copy in any case.')
        }
        error={errors.options.saveTo}
      >
        {control => (
          <input
            {...control}
            type="text"
            className="jp-Mlops-Input"
            autoComplete="off"
            spellCheck={false}
            placeholder={
              path ? `${path.replace(/\.ipynb$/, '')}-executed.ipynb` : ''
            }
            value={options.saveTo}
            onChange={event => store.setOption('saveTo', event.target.value)}
          />
        )}
      </Field>
      <AutologField {...props} />
    </>
  );
}
