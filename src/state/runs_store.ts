/** The list of runs under a filter: loaded page by page, kept up to date by the change feed. */
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import type { IMlopsApi } from '../contract/client';
import { isNotFound } from '../contract/errors';
import type { RunSummary } from '../contract/types';
import { Rereading } from './rereading';
import { Retry } from './retry';
import { belongsTo, NO_FILTER, queryOf } from './run_filter';
import { mergeChanged, mergeHead } from './runs_merge';
import { RunSelection } from './run_selection';
import { type IStale, StaleRuns } from './stale_runs';
import type {
  IActiveRuns,
  IChangeFeed,
  IChanges,
  IRunFilter,
  IRunsStore
} from './tokens';

const FIRST = 100;
const FURTHER = 1000;
/** Milliseconds between two readings of what changed. */
const PACE = 300;
/** More changed rows than this are read with the head of the list, not one by one. */
const SINGLES = 5;

/** Reads rows on demand; asks nothing until a view needs row 0. */
export class RunsStore implements IRunsStore, IDisposable {
  constructor(
    private readonly _api: IMlopsApi,
    private readonly _feed: IChangeFeed,
    private readonly _active: IActiveRuns
  ) {
    this._news.setLive(false);
    _feed.changed.connect(this._onChanges, this);
    _active.changed.connect(this._onActive, this);
    _active.ended.connect(this._onEnded, this);
  }

  readonly selection = new RunSelection();

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get runs(): readonly RunSummary[] {
    return this._runs;
  }

  get total(): number {
    return this._total;
  }

  get filter(): IRunFilter {
    return this._filter;
  }

  get isFiltered(): boolean {
    const { experimentId, search, status } = this._filter;
    return experimentId !== null || search !== '' || status.length > 0;
  }

  get isLoading(): boolean {
    return this._loading !== null;
  }

  get isLoaded(): boolean {
    return this._isLoaded;
  }

  get error(): unknown {
    return this._error;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get(runId: string): RunSummary | null {
    return this._runs[this._indexOf(runId)] ?? null;
  }

  fresh(runId: string): RunSummary | null {
    return this._stale.has(runId) ? null : this.get(runId);
  }

  setLive(isLive: boolean): void {
    this._isLive = isLive;
    this._news.setLive(isLive);
    this._readPage();
  }

  setFilter(change: Partial<IRunFilter>): void {
    this._filter = { ...this._filter, ...change };
    void this.reload();
  }

  clearFilter(): void {
    this.setFilter({ ...NO_FILTER, deleted: this._filter.deleted });
  }

  need(index: number): void {
    // A view asks with every drawing: what failed has its own time.
    if (index < this._runs.length || this._loading || this._error !== null) {
      return;
    }
    if (!this._isLoaded) {
      void this._load(FIRST);
    } else if (this._cursor !== null) {
      void this._load(FURTHER);
    }
  }

  reload(): Promise<void> {
    this._generation += 1;
    this._loading = null;
    this._cursor = null;
    this._error = null;
    return this._load(FIRST);
  }

  retry(): void {
    this._error = null;
    this._changed.emit();
    if (this._stale.isAny) {
      this._news.askNow();
    }
    this._readPage();
  }

  put(...runs: readonly RunSummary[]): void {
    if (this._isLoaded) {
      this._merge(runs, !this.isFiltered);
    }
  }

  drop(...runIds: readonly string[]): void {
    const gone = new Set(runIds);
    const rest = this._runs.filter(({ run_id }) => !gone.has(run_id));
    if (rest.length < this._runs.length) {
      this._replace(rest, this._total - (this._runs.length - rest.length));
    }
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._feed.changed.disconnect(this._onChanges, this);
    this._active.changed.disconnect(this._onActive, this);
    this._active.ended.disconnect(this._onEnded, this);
    this._news.dispose();
    this._pageRetry.dispose();
    Signal.clearData(this);
  }

  /** Read the page at the cursor; an answer to an older filter is dropped. */
  private _load(limit: number): Promise<void> {
    const generation = this._generation;
    const cursor = this._cursor ?? undefined;
    this._pageRetry.cancel();
    this._isPageMissing = false;
    const load = async (): Promise<void> => {
      try {
        const page = await this._api.runs(queryOf(this._filter, limit, cursor));
        if (this._isDisposed || generation !== this._generation) {
          return;
        }
        const before = cursor === undefined ? [] : this._runs;
        const known = new Set(before.map(({ run_id }) => run_id));
        const fresh = page.runs.filter(({ run_id }) => !known.has(run_id));
        this._cursor = page.next_cursor;
        this._isLoaded = true;
        this._error = null;
        this._loading = null;
        this._pageRetry.succeeded();
        this._replace([...before, ...fresh], page.total);
      } catch (reason) {
        if (this._isDisposed || generation !== this._generation) {
          return;
        }
        this._error = reason;
        this._loading = null;
        // The rows that stand there are an answer to another question.
        this._isLoaded &&= cursor !== undefined;
        this._isPageMissing = true;
        this._pageRetry.failed(reason);
        this._changed.emit();
      }
    };
    this._loading = load();
    this._changed.emit();
    return this._loading;
  }

  /** Read the page that could not be read, once somebody looks. */
  private _readPage(): void {
    if (this._isPageMissing && this._isLive && !this._loading) {
      void this._load(this._isLoaded ? FURTHER : FIRST);
    }
  }

  private _onChanges(_: unknown, changes: IChanges): void {
    if (!this._isLoaded && this._error === null) {
      return;
    }
    this._stale.note(changes, runId => this._indexOf(runId) >= 0);
    if (this._stale.isAny) {
      this._news.ask();
    }
  }

  private _onActive(_: unknown, runs: readonly RunSummary[]): void {
    this._merge(runs, false);
  }

  /** Rows that nobody looks at are not read, but commands judge by them. */
  private _onEnded(_: unknown, run: RunSummary): void {
    this._merge([run], false);
  }

  private _merge(changed: readonly RunSummary[], canAdd: boolean): void {
    const runs = mergeChanged(
      changed,
      this._runs,
      run => belongsTo(this._filter, run),
      canAdd
    );
    if (runs !== this._runs) {
      this._replace(runs, this._total + runs.length - this._runs.length);
    }
  }

  private async _refresh(): Promise<void> {
    // Rows of the last filter stay until those of the new one come; they are not mixed.
    await this._loading;
    if (this._isDisposed) {
      return;
    }
    const generation = this._generation;
    try {
      await this._readAgain(this._stale.beginReading());
    } catch (reason) {
      if (this._isDisposed || generation !== this._generation) {
        return;
      }
      this._stale.noteAll();
      this._error = reason;
      this._changed.emit();
      throw reason;
    } finally {
      this._stale.readingEnded();
    }
  }

  private async _readAgain({ runs, isHead }: IStale): Promise<void> {
    if (runs === 'all' || !this._isLoaded) {
      await this._refreshHead(
        Math.min(FURTHER, Math.max(FIRST, this._runs.length))
      );
      return;
    }
    const below = [...runs].filter(id => this._indexOf(id) >= FIRST);
    if (isHead || below.length !== runs.size) {
      const deep = below.length > SINGLES;
      await this._refreshHead(deep ? FURTHER : FIRST);
    }
    for (const runId of below.slice(0, SINGLES)) {
      await this._refreshOne(runId);
    }
  }

  private async _refreshHead(limit: number): Promise<void> {
    const generation = this._generation;
    const page = await this._api.runs(queryOf(this._filter, limit));
    if (this._isDisposed || generation !== this._generation) {
      return;
    }
    const merged = mergeHead(page.runs, this._runs, page.next_cursor !== null);
    if (!merged.joined) {
      this._cursor = page.next_cursor;
    }
    this._isLoaded = true;
    this._error = null;
    // Views ask again for the rows that they lack.
    this._isPageMissing = false;
    this._replace(merged.runs, page.total);
  }

  private async _refreshOne(runId: string): Promise<void> {
    try {
      const run = await this._api.run(runId);
      if (!this._isDisposed) {
        this.put(run);
      }
    } catch (reason) {
      if (!isNotFound(reason)) {
        throw reason;
      }
      this.drop(runId);
    }
  }

  private _indexOf(runId: string): number {
    return this._places.get(runId) ?? -1;
  }

  private _replace(runs: readonly RunSummary[], total: number): void {
    const current = this.selection.current;
    const at = current === null ? -1 : this._indexOf(current);
    this._runs = runs;
    this._places = new Map(runs.map(({ run_id }, index) => [run_id, index]));
    this._total = Math.max(total, runs.length);
    const neighbour = runs[Math.min(Math.max(at, 0), runs.length - 1)];
    this.selection.keep(
      runs.map(({ run_id }) => run_id),
      neighbour?.run_id ?? null
    );
    this._changed.emit();
  }

  private readonly _stale = new StaleRuns();
  private readonly _news = new Rereading(() => this._refresh(), PACE);
  private readonly _pageRetry = new Retry(() => this._readPage());
  private readonly _changed = new Signal<this, void>(this);
  private _runs: readonly RunSummary[] = [];
  /** Run id → index of its row. */
  private _places: ReadonlyMap<string, number> = new Map();
  private _total = 0;
  private _filter: IRunFilter = NO_FILTER;
  private _cursor: string | null = null;
  private _error: unknown = null;
  private _loading: Promise<void> | null = null;
  private _isLoaded = false;
  private _isPageMissing = false;
  private _isLive = false;
  private _generation = 0;
  private _isDisposed = false;
}
