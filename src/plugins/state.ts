/** The plugins that hold the shared state: the API client, the change feed and the stores. */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';

import { IMlopsApi, MlopsApi } from '../contract/client';
import { ActiveRuns } from '../state/active_runs';
// eslint-disable-next-line jupyter/prefer-lazy-imports -- it is what the plugin provides
import { ChangeFeed } from '../state/change_feed';
import { ExperimentsStore } from '../state/experiments_store';
// eslint-disable-next-line jupyter/prefer-lazy-imports -- it is what the plugin provides
import { RunsStore } from '../state/runs_store';
import {
  IActiveRuns,
  IChangeFeed,
  IExperimentsStore,
  IRunsStore
} from '../state/tokens';

export const api: JupyterFrontEndPlugin<IMlopsApi> = {
  id: 'jupyter-mlops:api',
  description: 'Provides calls to the MLOps part of the server.',
  autoStart: true,
  provides: IMlopsApi,
  activate: (app: JupyterFrontEnd): IMlopsApi =>
    new MlopsApi(app.serviceManager.serverSettings)
};

export const feed: JupyterFrontEndPlugin<IChangeFeed> = {
  id: 'jupyter-mlops:feed',
  description: 'Follows what changes on the server.',
  autoStart: true,
  requires: [IMlopsApi],
  provides: IChangeFeed,
  activate: (app: JupyterFrontEnd, calls: IMlopsApi): IChangeFeed => {
    const changes = new ChangeFeed({
      api: calls,
      stream: app.serviceManager.events?.stream ?? null
    });
    // Nothing is asked before the user has their workspace back.
    void app.restored.then(() => changes.start());
    return changes;
  }
};

export const active: JupyterFrontEndPlugin<IActiveRuns> = {
  id: 'jupyter-mlops:active-runs',
  description: 'Knows the runs that go on right now.',
  autoStart: true,
  requires: [IMlopsApi, IChangeFeed],
  provides: IActiveRuns,
  activate: (_app: JupyterFrontEnd, calls: IMlopsApi, changes: IChangeFeed) =>
    new ActiveRuns(calls, changes)
};

export const runs: JupyterFrontEndPlugin<IRunsStore> = {
  id: 'jupyter-mlops:runs',
  description: 'Holds the list of runs, its filter and its selection.',
  autoStart: true,
  requires: [IMlopsApi, IChangeFeed, IActiveRuns],
  provides: IRunsStore,
  activate: (
    _app: JupyterFrontEnd,
    calls: IMlopsApi,
    changes: IChangeFeed,
    running: IActiveRuns
  ) => new RunsStore(calls, changes, running)
};

export const experiments: JupyterFrontEndPlugin<IExperimentsStore> = {
  id: 'jupyter-mlops:experiments',
  description: 'Holds the names of the experiments.',
  autoStart: true,
  requires: [IMlopsApi, IChangeFeed],
  provides: IExperimentsStore,
  activate: (_app: JupyterFrontEnd, calls: IMlopsApi, changes: IChangeFeed) =>
    new ExperimentsStore(calls, changes)
};

export const state: JupyterFrontEndPlugin<unknown>[] = [
  api,
  feed,
  active,
  runs,
  experiments
];
