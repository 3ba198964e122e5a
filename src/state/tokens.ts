/** What the shared state is to those who use it, and the tokens under which plugins find it. */
import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

import type { IMlopsApi } from '../contract/client';
import type {
  Event,
  Experiment,
  Preferences,
  Run,
  RunStatus,
  RunSummary,
  ServerStatus
} from '../contract/types';
import type { PendingActions } from './pending_actions';
import type { RunSelection } from './run_selection';

/**
 * - `connecting`: no answer yet; `offline`: answers stopped or never came; trying again by itself.
 * - `missing`: a Jupyter server answers, without our extension.
 * - `signed_out`: the server does not know the user any more: the session has ended.
 * - the rest is the server's own word about its store.
 */
export type ConnectionState =
  'connecting' | 'offline' | 'missing' | 'signed_out' | ServerStatus['state'];

/** The connection as views read it. */
export interface IConnectionStore {
  readonly changed: ISignal<IConnectionStore, void>;
  /** Tells the time of the server, which may differ from the browser's. */
  readonly clock: { now(): number };
  /** Any page of the server, where a login is asked for. */
  readonly serverUrl: string;
  readonly state: ConnectionState;
  /** The server's last word; kept while it is away. */
  readonly status: ServerStatus | null;
  readonly error: unknown;
  /** Whether questions make sense now: the store is open, writable or not. */
  readonly isUsable: boolean;
  /** Whether the store was ever open in this window: what it showed then is still there. */
  readonly wasUsable: boolean;
  /** Ask again at once, not at the next turn. */
  retry(): void;
}

/** Facts in the order in which they became true. */
export interface IChanges {
  readonly events: readonly Event[];
  /** The cursor was too old or the server came back: everything may be new. */
  readonly reset: boolean;
}

/** The stream of changes, and the connection it runs over. */
export interface IChangeFeed {
  readonly connection: IConnectionStore;
  readonly changed: ISignal<IChangeFeed, IChanges>;
  /** Resolves after every change committed up to now was signalled. */
  refresh(): Promise<void>;
}

/** Active runs as views read them. */
export interface IActiveRuns {
  /** Something about an active run is new, or the set changed. */
  readonly changed: ISignal<IActiveRuns, readonly RunSummary[]>;
  /** A run that was seen active came to its end. */
  readonly ended: ISignal<IActiveRuns, Run>;
  /** The id of a run that was to be followed and does not exist any more. */
  readonly vanished: ISignal<IActiveRuns, string>;
  /** A run that this window started. */
  readonly launched: ISignal<IActiveRuns, RunSummary>;
  /** Running ones first, then the queue in its order. */
  readonly runs: readonly RunSummary[];
  /** This window started a run: show it before the feed tells of it. */
  launch(run: RunSummary): void;
  /** Tell how these runs end, even if they did while nobody looked. */
  follow(runIds: readonly string[]): void;
}

/** What the user asked to see. */
export interface IRunFilter {
  readonly experimentId: number | null;
  /** None means all. */
  readonly status: readonly RunStatus[];
  readonly search: string;
  /** The trash instead of the list. */
  readonly deleted: boolean;
}

/** The list of runs as views and commands use it. */
export interface IRunsStore {
  readonly changed: ISignal<IRunsStore, void>;
  /** The loaded rows, newest first. */
  readonly runs: readonly RunSummary[];
  /** How many runs the filter matches, loaded or not. */
  readonly total: number;
  readonly filter: IRunFilter;
  readonly isFiltered: boolean;
  readonly isLoading: boolean;
  /** Whether there are rows to show; those of the last filter stay until the next ones arrive. */
  readonly isLoaded: boolean;
  /** Why the last reading failed; null once one succeeds. */
  readonly error: unknown;
  readonly selection: RunSelection;
  /** A loaded run, as its row shows it. */
  get(runId: string): RunSummary | null;
  /** The same, unless it changed since it was read: what to judge by for somebody who does not look at the row. */
  fresh(runId: string): RunSummary | null;
  /** Say whether somebody is looking; without, rows are read again only on the next look. */
  setLive(isLive: boolean): void;
  setFilter(change: Partial<IRunFilter>): void;
  clearFilter(): void;
  /** Make sure that row `index` is loaded, or on its way. */
  need(index: number): void;
  reload(): Promise<void>;
  /** Read what could not be read; until then nothing is asked again. */
  retry(): void;
  /** Show what the server has just answered about runs, before the feed says so. */
  put(...runs: readonly RunSummary[]): void;
  /** Take away runs that the server has just deleted for good. */
  drop(...runIds: readonly string[]): void;
}

/** Experiments as views read them. */
export interface IExperimentsStore {
  readonly changed: ISignal<IExperimentsStore, void>;
  /** The most recently used first; empty until a view needs them. */
  readonly experiments: readonly Experiment[];
  /** Read them now unless they are known. */
  need(): void;
}

/** What the user prefers, as views read it. */
export interface IPreferencesStore {
  readonly changed: ISignal<IPreferencesStore, void>;
  /** Null until they are known. */
  readonly now: Preferences | null;
  /** Read them now unless they are known. */
  need(): void;
  /** Prefer something else, which shows at once; rejects, and is as before, if the server refuses. */
  change(wanted: Preferences): Promise<void>;
}

/** Everything that plugins share, made together, once. */
export interface ISharedState {
  readonly api: IMlopsApi;
  readonly feed: IChangeFeed;
  readonly active: IActiveRuns;
  readonly runs: IRunsStore;
  readonly experiments: IExperimentsStore;
  readonly preferences: IPreferencesStore;
  readonly pending: PendingActions;
}

/** The shared state, which is loaded once JupyterLab has started, or when it is first needed. */
export interface IMlopsState {
  /** What is loaded by now. */
  readonly now: ISharedState | null;
  load(): Promise<ISharedState>;
}

export const IMlopsState = new Token<IMlopsState>(
  'jupyter-mlops:IMlopsState',
  'Calls to the MLOps part of the server, its changes, and the stores of runs and experiments.'
);
