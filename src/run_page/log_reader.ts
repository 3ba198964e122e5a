/** The end of a run's log, followed by offsets; what is old is dropped, so a long log stays light. */
import type { IMlopsApi } from '../contract/client';

const PIECE = 256 * 1024;
/** Characters kept; the whole log can be downloaded. */
const KEPT = 1024 * 1024;

export class LogReader {
  constructor(
    private readonly _api: IMlopsApi,
    private readonly _runId: string
  ) {}

  /** The text that is kept. */
  text = '';
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
      this.text += page.text;
      if (this.text.length > KEPT) {
        const start = this.text.indexOf('\n', this.text.length - KEPT) + 1;
        this.text = this.text.slice(start);
        this.isCut = true;
      }
      if (page.next_offset >= page.size || page.text === '') {
        return isNew;
      }
    }
  }

  private _next = -1;
  private _reading: Promise<boolean> = Promise.resolve(false);
}
