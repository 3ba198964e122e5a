/** The Run form: the parameters of one notebook, a button, and what became of pressing it. */
import { useEffect, useRef, type FormEvent } from 'react';

import { useTrans } from '../components/translation';
import { useStore } from '../components/use_store';
import type { IMlopsApi } from '../contract/client';
import type { IExperimentsStore, IPreferencesStore } from '../state/tokens';
import { ExtraParameters } from './extra_parameters';
import { FormFoot } from './form_foot';
import { unitName } from './form_options';
import {
  ExperimentField,
  NameField,
  OptionFields,
  useAutolog
} from './option_fields';
import { ParameterField } from './parameter_field';
import { type INoteActions, ParametersNote } from './parameters_note';
import type { RunFormStore } from './run_form_store';
import type { IRunTarget } from './run_target';
import type { UnsavedCode } from './unsaved_code';

/** What the form asks of its surroundings. */
export interface IFormActions extends INoteActions {
  openRun: (runId: string) => void;
}

export interface IRunFormProps {
  api: IMlopsApi;
  /** The open notebook's code; null when it is only a file. */
  code: UnsavedCode | null;
  store: RunFormStore;
  target: IRunTarget;
  experiments: IExperimentsStore;
  preferences: IPreferencesStore;
  actions: IFormActions;
}

export function RunForm(props: IRunFormProps): JSX.Element {
  const { api, store, target, experiments, preferences, actions } = props;
  useStore(store);
  const trans = useTrans();
  const form = useRef<HTMLFormElement>(null);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    // A cloned run takes its recorded source, whatever the file says.
    const code = store.clonedRun === null ? props.code : null;
    const usesOwnKernel = store.options.kernelName === '';
    await store.submit(async () =>
      code ? code.settle(trans, usesOwnKernel) : true
    );
    if (!store.errors.isEmpty) {
      focusFirstError(form.current);
    }
  };
  useEffect(() => {
    if (!store.isLoading && target.takeFocus()) {
      form.current
        ?.querySelector<HTMLElement>('input, select, textarea')
        ?.focus();
    }
  });
  const { specs, clonedRun } = store;
  return (
    <form
      ref={form}
      className="jp-Mlops-RunForm"
      noValidate
      autoComplete="off"
      aria-label={trans.__('Run')}
      onSubmit={event => void submit(event)}
    >
      <Warnings warnings={store.inspection?.warnings ?? []} />
      <ParametersNote {...props} />
      {specs.length > 0 && (
        <fieldset className="jp-Mlops-RunForm-group">
          <legend className="jp-Mlops-RunForm-legend">
            <span>{trans.__('Parameters')}</span>
            {specs.some(spec => store.isChanged(spec)) && (
              <button
                type="button"
                className="jp-Mlops-Link"
                onClick={() => store.reset()}
              >
                {clonedRun
                  ? trans.__('Reset to the run’s values')
                  : trans.__('Reset to defaults')}
              </button>
            )}
          </legend>
          {specs.map(spec => (
            <ParameterField
              key={spec.key}
              spec={spec}
              value={store.field(spec.key)}
              error={store.errors.parameters[spec.key] ?? null}
              isChanged={store.isChanged(spec)}
              onChange={value => store.setField(spec, value)}
              onLeave={() => store.checkField(spec)}
            />
          ))}
        </fieldset>
      )}
      {store.rows && <ExtraParameters store={store} rows={store.rows} />}
      {!clonedRun && (
        <ExperimentField store={store} experiments={experiments} />
      )}
      {clonedRun ? (
        <NameField store={store} />
      ) : (
        <Options {...{ api, store, experiments, preferences }} />
      )}
      <FormFoot>
        {store.errors.form && (
          <p className="jp-Mlops-Field-error" role="alert">
            {store.errors.form}
          </p>
        )}
        <button
          type="submit"
          className="jp-Mlops-Button jp-Mlops-Button-accept"
          aria-disabled={store.isSubmitting}
        >
          {store.isSubmitting && (
            <span className="jp-Mlops-Spinner" aria-hidden="true" />
          )}
          {store.isSubmitting ? trans.__('Starting…') : trans.__('Run')}
        </button>
        <LastRun store={store} openRun={actions.openRun} />
      </FormFoot>
    </form>
  );
}

/** The first wrong field gets the focus; folded options open for it. */
function focusFirstError(form: HTMLFormElement | null): void {
  // The messages are drawn by now or in the next frame.
  requestAnimationFrame(() => {
    const wrong = form?.querySelector<HTMLElement>('[aria-invalid="true"]');
    const folded = wrong?.closest('details');
    if (folded) {
      folded.open = true;
    }
    wrong?.focus();
  });
}

function Warnings({ warnings }: { warnings: readonly string[] }): JSX.Element {
  return (
    <>
      {warnings.map(warning => (
        <p key={warning} className="jp-Mlops-Note" role="note">
          {warning}
        </p>
      ))}
    </>
  );
}

function Options(
  props: Pick<IRunFormProps, 'api' | 'store' | 'experiments' | 'preferences'>
): JSX.Element {
  const trans = useTrans();
  const isAutolog = useAutolog(props);
  const { options, errors } = props.store;
  const details = useRef<HTMLDetailsElement>(null);
  const isWrong = Object.keys(errors.options).some(
    name => name !== 'experiment'
  );
  useEffect(() => {
    if (isWrong && details.current) {
      details.current.open = true;
    }
  }, [isWrong]);
  const set = [
    options.name,
    options.kernelName,
    options.timeLimit &&
      trans.__(
        'at most %1 %2',
        options.timeLimit,
        unitName(options.timeUnit, trans)
      ),
    options.saveTo,
    isAutolog && trans.__('autolog')
  ].filter(Boolean);
  return (
    <details ref={details} className="jp-Mlops-RunForm-options">
      <summary>
        <span>{trans.__('Options')}</span>
        <span className="jp-Mlops-RunForm-summary">{set.join(' · ')}</span>
      </summary>
      <div className="jp-Mlops-RunForm-group">
        <NameField store={props.store} />
        <OptionFields {...props} />
      </div>
    </details>
  );
}

function LastRun({
  store,
  openRun
}: {
  store: RunFormStore;
  openRun: (runId: string) => void;
}): JSX.Element {
  const trans = useTrans();
  const run = store.lastRun;
  return (
    <p className="jp-Mlops-RunForm-last" role="status">
      {run && (
        <>
          {run.queue_position !== null && run.queue_position > 1
            ? trans.__('%1 is queued.', run.name)
            : trans.__('%1 is on its way.', run.name)}{' '}
          <button
            type="button"
            className="jp-Mlops-Link"
            onClick={() => openRun(run.run_id)}
          >
            {trans.__('Open')}
          </button>
        </>
      )}
    </p>
  );
}
