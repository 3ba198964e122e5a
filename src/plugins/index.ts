/** The list of plugins that JupyterLab activates. */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { panel } from './panel';
import { router } from './router';
import { runCommands } from './run_commands';
import { runsSection } from './runs_section';
import { settings } from './settings';
import { state } from './state';

export const plugins: JupyterFrontEndPlugin<unknown>[] = [
  settings,
  ...state,
  panel,
  runsSection,
  runCommands,
  router
];
