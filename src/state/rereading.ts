/** Reads again what may be old, one question at a time: a slow answer is shown when it comes, and none overlap. */
import type { IDisposable } from '@lumino/disposable';

import { Retry } from './retry';

export class Rereading implements IDisposable {
  /**
   * After each reading there is a pause of so many milliseconds. `read` shows its own failures and rejects with
   * them: what may pass is read again by itself.
   */
  constructor(
    private readonly _read: () => Promise<void>,
    private readonly _pause = 0
  ) {}

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Say whether somebody is looking; without, nothing is read, and what was missed is read at the next look. */
  setLive(isLive: boolean): void {
    this._isLive = isLive;
    this._proceed();
  }

  /** What was read is old: read it again soon, or once more after the reading under way. */
  ask(): void {
    this._isStale = true;
    this._proceed();
  }

  /** Like `ask`, without the pause: somebody waits for it. */
  askNow(): void {
    this._restsUntil = 0;
    window.clearTimeout(this._timer);
    this._timer = 0;
    this.ask();
  }

  dispose(): void {
    this._isDisposed = true;
    this._retry.dispose();
    window.clearTimeout(this._timer);
  }

  private _proceed(): void {
    if (
      !this._isStale ||
      !this._isLive ||
      this._isReading ||
      this._timer !== 0 ||
      this._isDisposed
    ) {
      return;
    }
    const wait = this._restsUntil - performance.now();
    if (wait <= 0) {
      void this._begin();
      return;
    }
    this._timer = window.setTimeout(() => {
      this._timer = 0;
      if (this._isLive) {
        void this._begin();
      }
    }, wait);
  }

  private async _begin(): Promise<void> {
    this._isReading = true;
    this._isStale = false;
    this._retry.cancel();
    try {
      await this._read();
      this._retry.succeeded();
    } catch (reason) {
      this._retry.failed(reason);
    } finally {
      this._isReading = false;
      // Counted from the end, so that a server that is slow is asked less often.
      this._restsUntil = performance.now() + this._pause;
      this._proceed();
    }
  }

  private readonly _retry = new Retry(() => this.ask());
  private _isStale = false;
  private _isLive = true;
  private _isReading = false;
  private _isDisposed = false;
  private _timer = 0;
  private _restsUntil = 0;
}
