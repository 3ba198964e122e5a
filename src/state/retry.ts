/** Tries again what failed for a while, later each time, so that a server in trouble is not asked ever faster. */
import type { IDisposable } from '@lumino/disposable';

import { mayPass } from '../contract/errors';

/** Milliseconds before the second try. */
const FIRST = 1000;
const LONGEST = 30_000;

export class Retry implements IDisposable {
  constructor(private readonly _again: () => void) {}

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** A try failed: the next one comes by itself, unless the answer would be the same. */
  failed(reason: unknown): void {
    this.cancel();
    if (this._isDisposed || !mayPass(reason)) {
      return;
    }
    const wait = Math.min(LONGEST, FIRST * 2 ** this._failures);
    this._failures += 1;
    this._timer = window.setTimeout(() => this._again(), wait);
  }

  succeeded(): void {
    this.cancel();
    this._failures = 0;
  }

  /** Something else leads to the next try. */
  cancel(): void {
    window.clearTimeout(this._timer);
  }

  dispose(): void {
    this._isDisposed = true;
    this.cancel();
  }

  private _isDisposed = false;
  private _failures = 0;
  private _timer = 0;
}
