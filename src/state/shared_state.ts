/** The one place where the API client, the change feed and the stores are put together. */
import type { ServiceManager } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

import { MlopsApi } from '../contract/client';
import { ActiveRuns } from './active_runs';
import { ChangeFeed } from './change_feed';
import { ExperimentsStore } from './experiments_store';
import { PendingActions } from './pending_actions';
import { PreferencesStore } from './preferences_store';
import { RunsStore } from './runs_store';
import type { ISharedState } from './tokens';

/** Make the shared state of one application, and begin to follow the server. */
export function makeSharedState(
  services: Pick<ServiceManager.IManager, 'serverSettings' | 'events'>,
  trans: TranslationBundle
): ISharedState {
  const api = new MlopsApi(services.serverSettings, trans);
  const feed = new ChangeFeed({
    api,
    stream: services.events?.stream ?? null
  });
  const active = new ActiveRuns(api, feed);
  const runs = new RunsStore(api, feed, active);
  const experiments = new ExperimentsStore(api, feed);
  const preferences = new PreferencesStore(api, feed);
  feed.start();
  const pending = new PendingActions();
  return { api, feed, active, runs, experiments, preferences, pending };
}
