/** The switch for autologging: above the sections of the panel, and as a command. */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { LazyView } from '../components/lazy_view';
import { DOMAIN } from '../components/translation';
import { CommandIDs } from '../contract/command_ids';
import { IMlopsState } from '../state/tokens';
import { IMlopsPanel } from './tokens';

export const autolog: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlops:autolog',
  description: 'Adds the switch for autologging with MLflow to the panel.',
  autoStart: true,
  requires: [IMlopsPanel, IMlopsState],
  optional: [ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    panel: IMlopsPanel,
    state: IMlopsState,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ) => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const { commands } = app;
    const view = new LazyView({
      trans,
      load: async () => {
        const [{ preferences, feed }, { AutologSwitch }] = await Promise.all([
          state.load(),
          import('../notebook/autolog_switch')
        ]);
        preferences.changed.connect(() =>
          commands.notifyCommandChanged(CommandIDs.toggleAutolog)
        );
        return () => (
          <AutologSwitch
            preferences={preferences}
            connection={feed.connection}
          />
        );
      }
    });
    view.id = 'jp-mlops-autolog';
    panel.placeOnTop(view);
    commands.addCommand(CommandIDs.toggleAutolog, {
      label: trans.__('Autolog with MLflow'),
      caption: trans.__(
        'Let kernels that start from now on log training by themselves'
      ),
      describedBy: { args: { type: 'object', properties: {} } },
      isToggled: () => state.now?.preferences.now?.autolog ?? false,
      execute: async () => {
        const [shared, { toggleAutolog }] = await Promise.all([
          state.load(),
          import('../notebook/turn_autolog')
        ]);
        await toggleAutolog(shared);
        panel.reveal();
      }
    });
    palette?.addItem({
      command: CommandIDs.toggleAutolog,
      category: trans.__('MLOps')
    });
  }
};
