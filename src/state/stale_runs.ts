/** Which rows of a list changed on the server since they were read. */
import type { EventType } from '../contract/types';
import { bySubject } from './change_feed';
import type { IChanges } from './tokens';

/** What moves a run within the list, into it or out of it. */
const STRUCTURAL: readonly EventType[] = [
  'run.created',
  'run.ended',
  'run.started',
  'run.deleted',
  'run.restored',
  'run.purged'
];

/** What has to be read again. */
export interface IStale {
  /** Ids of runs, or everything. */
  readonly runs: ReadonlySet<string> | 'all';
  /** Whether the top of the list may be another one. */
  readonly isHead: boolean;
}

const NOTHING: IStale = { runs: new Set(), isHead: false };

export class StaleRuns {
  /** Whether there is anything to read. */
  get isAny(): boolean {
    return this._now.runs === 'all' || this._now.runs.size > 0;
  }

  /** Whether what is known of a run may be old, also while it is being read again. */
  has(runId: string): boolean {
    return [this._now.runs, this._beingRead.runs].some(
      runs => runs === 'all' || runs.has(runId)
    );
  }

  /** Take in what the feed tells; of runs that are not `listed` only what may bring them into the list. */
  note(
    { events, reset }: IChanges,
    isListed: (runId: string) => boolean
  ): void {
    if (reset) {
      this.noteAll();
    }
    if (this._now.runs === 'all') {
      return;
    }
    const runs = new Set(this._now.runs);
    let { isHead } = this._now;
    for (const [subject, types] of bySubject(events)) {
      const isStructural = STRUCTURAL.some(type => types.has(type));
      isHead ||= isStructural;
      if (isStructural || (types.has('run.changed') && isListed(subject))) {
        runs.add(subject);
      }
    }
    this._now = { runs, isHead };
  }

  /** Nothing that is known can be relied on. */
  noteAll(): void {
    this._now = { runs: 'all', isHead: true };
  }

  /** What is to be read now; until `readingEnded` it counts as old. */
  beginReading(): IStale {
    this._beingRead = this._now;
    this._now = NOTHING;
    return this._beingRead;
  }

  readingEnded(): void {
    this._beingRead = NOTHING;
  }

  private _now = NOTHING;
  /** What was stale when the reading that is under way began. */
  private _beingRead = NOTHING;
}
