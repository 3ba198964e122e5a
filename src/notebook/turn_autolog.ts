/** Turns the switch for autologging, wherever it is turned from: a refusal is told. */
import { Notification } from '@jupyterlab/apputils';

import { errorMessage } from '../contract/errors';
import type { IPreferencesStore, ISharedState } from '../state/tokens';

/** Whether it was turned; why not is told to the user. */
export function turnAutolog(
  preferences: IPreferencesStore,
  autolog: boolean
): Promise<boolean> {
  return isDone(preferences.change({ autolog }));
}

/** Turn it to what it is not; it may not have been read yet. */
export function toggleAutolog({
  api,
  preferences
}: Pick<ISharedState, 'api' | 'preferences'>): Promise<boolean> {
  const toggle = async (): Promise<void> => {
    const { autolog } = preferences.now ?? (await api.preferences());
    await preferences.change({ autolog: !autolog });
  };
  return isDone(toggle());
}

async function isDone(work: Promise<void>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (reason) {
    Notification.error(errorMessage(reason), { autoClose: 5000 });
    return false;
  }
}
