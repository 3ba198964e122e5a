/** Notifications about the runs that this window started. */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { DOMAIN } from '../components/translation';
import { CommandIDs } from '../contract/command_ids';
import { IMlopsState } from '../state/tokens';
import { ISettingsStore } from './settings';

export const notifications: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlops:notifications',
  description: 'Tells how runs go on and end.',
  autoStart: true,
  requires: [IMlopsState, ISettingsStore],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    state: IMlopsState,
    settings: ISettingsStore,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const { commands } = app;
    const begin = async (): Promise<void> => {
      const [{ active }, { RunNotices }] = await Promise.all([
        state.load(),
        import('../runs/run_notices')
      ]);
      new RunNotices({
        active,
        trans,
        storage: window.sessionStorage,
        choice: () => settings.values.notifications,
        actions: {
          open: (run_id, section) =>
            void commands.execute(CommandIDs.openRun, {
              run_id,
              ...(section ? { section } : {})
            }),
          cancel: run_id =>
            void commands.execute(CommandIDs.cancelRuns, { run_id })
        }
      });
    };
    void app.restored.then(begin);
  }
};
