/** The time as the server tells it: moments of runs are the server's, whatever the browser's clock says. */

/** A header names a second, not the moment within it. */
const SECOND = 1000;

/** Knows the server's time from the dates of its answers, as closely as they tell. */
export class ServerClock {
  /** Milliseconds since the epoch, on the server's clock. */
  now(): number {
    return Date.now() + this._offset;
  }

  /**
   * Take note of an answer: its `Date` lies between question and answer (both in milliseconds of
   * the browser's clock). Clocks that agree with that are left alone, others are moved no further
   * than they must.
   */
  heard(date: string | null, asked: number, answered: number): void {
    const told = Date.parse(date ?? '');
    if (Number.isNaN(told)) {
      return;
    }
    const least = told - answered;
    const most = told + SECOND - asked;
    this._offset = Math.min(Math.max(this._offset, least), most);
  }

  private _offset = 0;
}
