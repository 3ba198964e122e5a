/** The Run section of the panel: which notebook it is for, and its form. */
import '../../style/components.css';
import '../../style/run_form.css';

import { Notification } from '@jupyterlab/apputils';
import type { Contents } from '@jupyterlab/services';
import { useEffect, useState } from 'react';

import { ConnectionGate } from '../components/connection_gate';
import { mlopsIcon } from '../components/icons';
import { EmptyState, ErrorState, LoadingState } from '../components/states';
import { useTrans } from '../components/translation';
import { useStore } from '../components/use_store';
import type { IMlopsApi } from '../contract/client';
import { errorMessage } from '../contract/errors';
import type { Run } from '../contract/types';
import type {
  IChangeFeed,
  IExperimentsStore,
  IPreferencesStore
} from '../state/tokens';
import type { IFormDefaults } from './form_options';
import { type IFormActions, RunForm } from './run_form';
import { type IFailedBehind, RunFormStore } from './run_form_store';
import type { IRunTarget } from './run_target';
import { UnsavedCode } from './unsaved_code';

/** What the section asks of its surroundings. */
export interface ISectionActions extends IFormActions {
  chooseNotebook: () => void;
  submitted: (run: Run) => void;
}

export interface IRunSectionProps {
  api: IMlopsApi;
  feed: IChangeFeed;
  target: IRunTarget;
  contents: Contents.IManager;
  experiments: IExperimentsStore;
  preferences: IPreferencesStore;
  defaults: () => IFormDefaults;
  actions: ISectionActions;
}

export function RunSection(props: IRunSectionProps): JSX.Element {
  return (
    <div className="jp-Mlops-RunSection">
      <ConnectionGate connection={props.feed.connection}>
        <Content {...props} />
      </ConnectionGate>
    </div>
  );
}

function Content(props: IRunSectionProps): JSX.Element {
  const { target } = props;
  const store = useFormStore(props);
  const code = useUnsavedCode(props);
  const trans = useTrans();
  if (target.path === null && target.clonedRun === null) {
    return (
      <EmptyState
        title={trans.__('Open a notebook to run it')}
        icon={mlopsIcon}
      >
        <p>
          {trans.__(
            'Its parameters become a form here, and each run is tracked.'
          )}
        </p>
        <button
          type="button"
          className="jp-Mlops-Button"
          onClick={() => props.actions.chooseNotebook()}
        >
          {trans.__('Choose a notebook…')}
        </button>
      </EmptyState>
    );
  }
  return (
    <>
      <Heading {...props} code={code} />
      {store && <Body {...props} store={store} code={code} />}
    </>
  );
}

function Body({
  store,
  ...props
}: IRunSectionProps & {
  store: RunFormStore;
  code: UnsavedCode | null;
}): JSX.Element {
  useStore(store);
  const trans = useTrans();
  if (store.loadError !== null) {
    return (
      <ErrorState error={store.loadError} onRetry={() => void store.load()} />
    );
  }
  if (!store.inspection) {
    return <LoadingState label={trans.__('Reading the notebook…')} />;
  }
  return <RunForm {...props} store={store} />;
}

/** The form's store lives as long as the section is on the page. */
function useFormStore(props: IRunSectionProps): RunFormStore | null {
  const { api, target, defaults, actions } = props;
  const trans = useTrans();
  const [store, setStore] = useState<RunFormStore | null>(null);
  useEffect(() => {
    const made = new RunFormStore({ api, target, defaults, trans });
    const onSubmitted = (_: unknown, run: Run): void => actions.submitted(run);
    made.submitted.connect(onSubmitted);
    const onFailedBehind = (_: unknown, failed: IFailedBehind): void => {
      const message = errorMessage(failed.reason);
      // It stays until it is read: whoever asked for the run has turned to another notebook.
      Notification.error(trans.__('%1 was not run: %2', failed.path, message), {
        autoClose: false
      });
    };
    made.failedBehind.connect(onFailedBehind);
    setStore(made);
    return () => made.dispose();
  }, [api, target, defaults, trans, actions]);
  return store;
}

/** Follow the target, and the code of its notebook while that is open. */
function useUnsavedCode({
  target,
  contents
}: IRunSectionProps): UnsavedCode | null {
  const [, setCount] = useState(0);
  const [code, setCode] = useState<UnsavedCode | null>(null);
  useEffect(() => {
    let current: UnsavedCode | null = null;
    const renew = (): void => setCount(count => count + 1);
    const follow = (): void => {
      current?.dispose();
      current = target.panel ? new UnsavedCode(target.panel, contents) : null;
      current?.changed.connect(renew);
      setCode(current);
    };
    target.changed.connect(renew);
    target.panelChanged.connect(follow);
    follow();
    return () => {
      target.changed.disconnect(renew);
      target.panelChanged.disconnect(follow);
      current?.dispose();
    };
  }, [target, contents]);
  return code;
}

function Heading({
  target,
  code
}: IRunSectionProps & { code: UnsavedCode | null }): JSX.Element {
  const trans = useTrans();
  const path = target.path ?? '';
  const cut = path.lastIndexOf('/') + 1;
  return (
    <div className="jp-Mlops-RunSection-head">
      <p className="jp-Mlops-RunSection-path" title={path}>
        <span className="jp-Mlops-RunSection-folder">{path.slice(0, cut)}</span>
        <span className="jp-Mlops-RunSection-file">{path.slice(cut)}</span>
      </p>
      {target.clonedRun !== null && (
        <p className="jp-Mlops-Note">
          {trans.__('From the recorded notebook of an earlier run.')}{' '}
          {path && (
            <button
              type="button"
              className="jp-Mlops-Link"
              onClick={() => target.choose(path)}
            >
              {trans.__('Use the notebook as it is now')}
            </button>
          )}
        </p>
      )}
      {target.isChosen && (
        <button
          type="button"
          className="jp-Mlops-Link"
          onClick={() => target.release()}
        >
          {trans.__('Follow the notebook in front')}
        </button>
      )}
      {code?.isUnsaved && target.clonedRun === null && (
        <p className="jp-Mlops-Note">
          {trans.__('Unsaved changes are not part of a run.')}{' '}
          <button
            type="button"
            className="jp-Mlops-Link"
            onClick={() => void code.save()}
          >
            {trans.__('Save')}
          </button>
        </p>
      )}
    </div>
  );
}
