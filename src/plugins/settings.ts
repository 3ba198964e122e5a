/** The settings plugin: loads the user's settings of the extension. */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';

export const settings: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlops:plugin',
  description: 'Loads the settings of the MLOps panel.',
  autoStart: true,
  requires: [ISettingRegistry],
  activate: async (
    _app: JupyterFrontEnd,
    registry: ISettingRegistry
  ): Promise<void> => {
    await registry.load(settings.id);
  }
};
