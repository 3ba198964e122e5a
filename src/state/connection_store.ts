/** Whether the server's MLOps part can be talked to, and what it says of itself. */
import { type ISignal, Signal } from '@lumino/signaling';

import type { IMlopsApi } from '../contract/client';
import { ApiError, isSignedOut } from '../contract/errors';
import type { ServerStatus } from '../contract/types';
import type { ConnectionState, IConnectionStore } from './tokens';

/** Holds what the change feed finds out; it asks nothing itself. */
export class ConnectionStore implements IConnectionStore {
  constructor(
    private readonly _retry: () => void,
    private readonly _server: Pick<IMlopsApi, 'clock' | 'serverUrl'>
  ) {}

  get clock(): { now(): number } {
    return this._server.clock;
  }

  get serverUrl(): string {
    return this._server.serverUrl;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get state(): ConnectionState {
    return this._state;
  }

  get status(): ServerStatus | null {
    return this._status;
  }

  get error(): unknown {
    return this._error;
  }

  get wasUsable(): boolean {
    return this._wasUsable;
  }

  get isUsable(): boolean {
    return isOpen(this._state);
  }

  retry(): void {
    this._retry();
  }

  /** The server described itself. */
  answered(status: ServerStatus): void {
    this._status = status;
    this._wasUsable ||= isOpen(status.state);
    this._set(status.state, null);
  }

  /** A look at the changes failed; a refusal is still an answer and leaves the state as it is. */
  failed(reason: unknown): void {
    const kind = reason instanceof ApiError ? reason.kind : 'unreachable';
    if (isSignedOut(reason)) {
      this._set('signed_out', reason);
      return;
    }
    if (kind === 'refused') {
      if (this._state === 'connecting' || this._state === 'starting') {
        this._set('failed', reason);
      }
      return;
    }
    this._set(kind === 'missing' ? 'missing' : 'offline', reason);
  }

  private _set(state: ConnectionState, error: unknown): void {
    if (state === this._state && this._error === error && state !== 'ready') {
      return;
    }
    this._state = state;
    this._error = error;
    this._changed.emit();
  }

  private _state: ConnectionState = 'connecting';
  private _status: ServerStatus | null = null;
  private _wasUsable = false;
  private _error: unknown = null;
  private readonly _changed = new Signal<this, void>(this);
}

function isOpen(state: ConnectionState): boolean {
  return state === 'ready' || state === 'read_only';
}
