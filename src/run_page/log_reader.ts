/**
 * The end of a run's log, followed by offsets; what is old is dropped, so a long log stays light.
 *
 * The text is kept in blocks that begin with a line: only the last one grows, so that what is shown
 * already is neither parsed nor drawn again.
 */
import type { IMlopsApi } from '../contract/client';
import { AnsiReader, type IAnsiPiece } from './ansi';

const PIECE = 256 * 1024;
/** Characters kept; the whole log can be downloaded. */
const KEPT = 1024 * 1024;
const BLOCK = 32 * 1024;
/** A block waits so long for the end of a line. */
const LONGEST_BLOCK = 4 * BLOCK;

export interface ILogBlock {
  readonly id: number;
  readonly pieces: readonly IAnsiPiece[];
  /** Characters, escape sequences included. */
  readonly length: number;
  /** Whether nothing is added to it any more. */
  readonly isFull: boolean;
}

export class LogReader {
  constructor(
    private readonly _api: IMlopsApi,
    private readonly _runId: string
  ) {}

  /** The text that is kept. */
  get blocks(): readonly ILogBlock[] {
    return this._blocks;
  }

  /** Whether something before the text was left out. */
  isCut = false;
  /** Whether nothing will follow. */
  isComplete = false;
  /** Size of the whole log in bytes. */
  size = 0;

  /** Read on to the end; true when there was anything new. One reading waits for the one before. */
  read(): Promise<boolean> {
    const reading = this._reading.then(() => this._readOn());
    this._reading = reading.catch(() => false);
    return reading;
  }

  private async _readOn(): Promise<boolean> {
    let isNew = false;
    for (;;) {
      const page = await this._api.log(this._runId, this._next, PIECE);
      if (this._next === -1) {
        this.isCut = page.offset > 0;
      }
      this._next = page.next_offset;
      this.size = page.size;
      isNew ||= page.text.length > 0 || page.complete !== this.isComplete;
      this.isComplete = page.complete;
      this._append(page.text);
      if (page.next_offset >= page.size || page.text === '') {
        return isNew;
      }
    }
  }

  private _append(text: string): void {
    const blocks = [...this._blocks];
    let rest = text;
    while (rest) {
      const last = blocks.at(-1);
      const open = last && !last.isFull ? last : null;
      const length = open?.length ?? 0;
      const line = rest.indexOf('\n', Math.max(0, BLOCK - length)) + 1;
      const end = Math.min(line || rest.length, LONGEST_BLOCK - length);
      const block = {
        id: open?.id ?? this._made++,
        pieces: [
          ...(open?.pieces ?? []),
          ...this._ansi.read(rest.slice(0, end))
        ],
        length: length + end,
        isFull: end === line || length + end >= LONGEST_BLOCK
      };
      blocks.splice(open ? -1 : blocks.length, open ? 1 : 0, block);
      rest = rest.slice(end);
    }
    let total = blocks.reduce((sum, { length }) => sum + length, 0);
    while (total > KEPT) {
      total -= blocks.shift()?.length ?? total;
      this.isCut = true;
    }
    this._blocks = blocks;
  }

  private readonly _ansi = new AnsiReader();
  private _blocks: readonly ILogBlock[] = [];
  private _made = 0;
  private _next = -1;
  private _reading: Promise<boolean> = Promise.resolve(false);
}

/** The whole log, escape sequences included; `onProgress` gets the share that is read. */
export async function wholeLog(
  api: IMlopsApi,
  runId: string,
  onProgress: (share: number) => void
): Promise<Blob> {
  const parts: Blob[] = [];
  let next = 0;
  for (;;) {
    const page = await api.log(runId, next, PIECE);
    // As a blob each piece is the browser's to keep, which puts much of it on the disk.
    parts.push(new Blob([page.text]));
    next = page.next_offset;
    onProgress(page.size > 0 ? next / page.size : 1);
    if (next >= page.size || page.text === '') {
      return new Blob(parts, { type: 'text/plain' });
    }
  }
}
