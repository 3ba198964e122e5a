/** The shared state over a server in memory, looked at only when a test says so. */
import { InMemoryServer } from '../../contract/__tests__/in_memory_server';
import { ActiveRuns } from '../active_runs';
import { ChangeFeed } from '../change_feed';
import { ExperimentsStore } from '../experiments_store';
import { PendingActions } from '../pending_actions';
import { PreferencesStore } from '../preferences_store';
import { RunsStore } from '../runs_store';
import type { ISharedState } from '../tokens';

export interface ISetUp {
  server: InMemoryServer;
  shared: ISharedState & {
    feed: ChangeFeed;
    active: ActiveRuns;
    runs: RunsStore;
  };
  /** Read what happened. */
  follow: () => Promise<void>;
  dispose: () => void;
}

export function setUpShared(): ISetUp {
  const server = new InMemoryServer();
  const { api } = server;
  const feed = new ChangeFeed({ api, stream: null, interval: 60_000 });
  const active = new ActiveRuns(api, feed);
  const runs = new RunsStore(api, feed, active);
  const experiments = new ExperimentsStore(api, feed);
  const preferences = new PreferencesStore(api, feed);
  return {
    server,
    shared: {
      api,
      feed,
      active,
      runs,
      experiments,
      preferences,
      pending: new PendingActions()
    },
    follow: () => feed.refresh(),
    dispose: () => {
      for (const part of [runs, active, experiments, preferences, feed]) {
        part.dispose();
      }
    }
  };
}
