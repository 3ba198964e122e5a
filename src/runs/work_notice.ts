/** The notification of work on many runs: how far it is, a button to stop it, and what that came to. */
import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

/** Milliseconds for which it is said how much was done. */
const LONG = 8000;

export class WorkNotice {
  constructor(
    message: string,
    private readonly _trans: TranslationBundle
  ) {
    this._id = Notification.emit(message, 'in-progress', {
      autoClose: false,
      progress: 0,
      actions: [
        {
          label: _trans.__('Stop'),
          caption: _trans.__('Stop here, and leave the other runs as they are'),
          callback: () => {
            this._isStopped = true;
          }
        }
      ]
    });
  }

  /** Whether the user wants no more of it. */
  get isStopped(): boolean {
    return this._isStopped;
  }

  /** Say how far it is; `progress` is from 0 to 1. */
  tell(message: string, progress: number): void {
    Notification.update({ id: this._id, message, progress });
  }

  /** The work is over; where it was stopped before its end, say how much of it is done. */
  end(done: number, all: number): void {
    Notification.dismiss(this._id);
    if (this._isStopped && done < all) {
      Notification.info(
        this._trans.__(
          'Stopped: %1 of %2 runs are done, the others are as they were.',
          done,
          all
        ),
        { autoClose: LONG }
      );
    }
  }

  private readonly _id: string;
  private _isStopped = false;
}
