/** How far a newcomer has come: read from runs that exist and pages that were opened, never guessed. */
import type { IStateDB } from '@jupyterlab/statedb';
import type { CommandRegistry } from '@lumino/commands';
import { JSONExt, type PartialJSONValue } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { Throttler } from '@lumino/polling';
import { type ISignal, Signal } from '@lumino/signaling';

import { isActive } from '../contract/run_status';
import { CommandIDs } from '../contract/command_ids';
import type { Run, RunSummary } from '../contract/types';
import type { IChanges, ISharedState } from '../state/tokens';

/** The steps in their order. */
export const STEPS = ['run', 'look', 'repeat', 'failure', 'own'] as const;
export type Step = (typeof STEPS)[number];

const STATE_KEY = 'jupyter-mlops:first-steps';
/** How many runs back the steps are looked for. */
const REACH = 100;
/** How many pairs of runs are compared at a time. */
const PAIRS = 3;
const PACE = 1000;

export interface IFirstStepsOptions {
  shared: ISharedState;
  commands: CommandRegistry;
  /** Remembers what was seen, which no run tells. */
  database: IStateDB | null;
}

/** Knows which steps are done; a step once done stays done. */
export class FirstStepsStore implements IDisposable {
  constructor(private readonly _options: IFirstStepsOptions) {
    const { shared, commands } = _options;
    this._reader = new Throttler(() => this._read(), {
      limit: PACE,
      edge: 'trailing'
    });
    shared.feed.changed.connect(this._onChanges, this);
    commands.commandExecuted.connect(this._onCommand, this);
    this._restored = this._restore();
    void this._restored.then(() => {
      if (shared.feed.connection.isUsable) {
        this._ask();
      }
    });
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The last step was done just now. */
  get completed(): ISignal<this, void> {
    return this._completed;
  }

  /** Resolves to whether nothing was left to do when this window began. */
  async wasComplete(): Promise<boolean> {
    await this._restored;
    return this._wasComplete;
  }

  /** Whether enough is known to show the list without taking it back. */
  get isReady(): boolean {
    return this._isReady;
  }

  get isComplete(): boolean {
    return STEPS.every(step => this._done.has(step));
  }

  /** The first step that is still to do. */
  get next(): Step | null {
    return STEPS.find(step => !this._done.has(step)) ?? null;
  }

  /** The latest run that has ended, to look at. */
  get latestRun(): RunSummary | null {
    return this._runs.find(run => !isActive(run)) ?? this._runs[0] ?? null;
  }

  /** The latest run of a notebook, of those that have ended if there is one. */
  get latestNotebookRun(): RunSummary | null {
    const runs = this._runs.filter(isOfNotebook);
    return runs.find(run => !isActive(run)) ?? runs[0] ?? null;
  }

  get failedRun(): RunSummary | null {
    return this._runs.find(({ status }) => status === 'FAILED') ?? null;
  }

  get isDisposed(): boolean {
    return this._reader.isDisposed;
  }

  /** Look now: somebody is about to be led to a run, which may have ended this moment. */
  async renew(): Promise<void> {
    await this._readRuns().catch(() => undefined);
  }

  isDone(step: Step): boolean {
    return this._done.has(step);
  }

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    const { shared, commands } = this._options;
    shared.feed.changed.disconnect(this._onChanges, this);
    commands.commandExecuted.disconnect(this._onCommand, this);
    this._reader.dispose();
    Signal.clearData(this);
  }

  private async _restore(): Promise<void> {
    const kept = await this._options.database
      ?.fetch(STATE_KEY)
      .catch(() => undefined);
    if (Array.isArray(kept)) {
      for (const step of STEPS) {
        if (kept.includes(step)) {
          this._done.add(step);
        }
      }
    }
    this._wasComplete = this.isComplete;
  }

  private _ask(): void {
    // A reading that fails is repeated with the next change; the feed tells of the failure.
    this._reader.invoke().catch(() => undefined);
  }

  private _onChanges(_: unknown, { events, reset }: IChanges): void {
    const isNews = events.some(
      ({ type }) => type === 'run.created' || type === 'run.ended'
    );
    // The runs are what the buttons lead to, also when all is done.
    if (reset || isNews) {
      this._ask();
    }
  }

  private _onCommand(
    _: unknown,
    { id, args }: CommandRegistry.ICommandExecutedArgs
  ): void {
    if (id !== CommandIDs.openRun) {
      return;
    }
    this._opened.add(String(args?.run_id));
    this._finish(['look', ...this._seenFailure()]);
    // It may have failed this moment.
    this._ask();
  }

  private async _readRuns(): Promise<readonly RunSummary[]> {
    const { runs } = await this._options.shared.api.runs({ limit: REACH });
    this._runs = runs;
    return runs;
  }

  private async _read(): Promise<void> {
    const runs = await this._readRuns();
    await this._restored;
    if (this.isDisposed) {
      return;
    }
    const done: Step[] = [];
    if (runs.some(isOfNotebook)) {
      done.push('run');
    }
    if (!runs.every(isOfNotebook)) {
      done.push('own');
    }
    done.push(...this._seenFailure());
    if (!this._done.has('repeat') && (await this._wasVaried(runs))) {
      done.push('repeat');
    }
    this._isReady = true;
    this._finish(done);
  }

  private _seenFailure(): Step[] {
    const isSeen = this._runs.some(
      ({ run_id, status }) => status === 'FAILED' && this._opened.has(run_id)
    );
    return isSeen ? ['failure'] : [];
  }

  /** Whether one notebook ran with two different sets of parameters. */
  private async _wasVaried(runs: readonly RunSummary[]): Promise<boolean> {
    const byNotebook = new Map<string, string[]>();
    for (const { notebook, run_id } of runs.filter(isOfNotebook)) {
      if (notebook !== null) {
        byNotebook.set(notebook, [...(byNotebook.get(notebook) ?? []), run_id]);
      }
    }
    const pairs = [...byNotebook.values()]
      .filter(ids => ids.length > 1)
      .slice(0, PAIRS);
    for (const [one, two] of pairs) {
      if (one === undefined || two === undefined) {
        continue;
      }
      const { api } = this._options.shared;
      const [first, second] = await Promise.all([api.run(one), api.run(two)]);
      if (!JSONExt.deepEqual(parametersOf(first), parametersOf(second))) {
        return true;
      }
    }
    return false;
  }

  private _finish(steps: readonly Step[]): void {
    const before = this._done.size;
    const wasComplete = this.isComplete;
    for (const step of steps) {
      this._done.add(step);
    }
    if (this._done.size !== before) {
      this._options.database
        ?.save(STATE_KEY, [...this._done])
        .catch(() => undefined);
    }
    this._changed.emit();
    if (this.isComplete && !wasComplete) {
      this._completed.emit();
    }
  }

  private readonly _reader: Throttler;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _completed = new Signal<this, void>(this);
  private readonly _restored: Promise<void>;
  private readonly _done = new Set<Step>();
  /** Runs whose pages were opened in this window. */
  private readonly _opened = new Set<string>();
  private _runs: readonly RunSummary[] = [];
  private _isReady = false;
  private _wasComplete = false;
}

function isOfNotebook({ source_type }: RunSummary): boolean {
  return source_type === 'notebook';
}

function parametersOf({ parameters }: Run): PartialJSONValue {
  return Object.fromEntries(
    parameters.map(({ key, value }) => [key, value as PartialJSONValue])
  );
}
