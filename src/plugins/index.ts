/** The list of plugins that JupyterLab activates. */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { autolog } from './autolog';
import { firstSteps } from './first_steps';
import { mlflowLinks } from './mlflow_links';
import { notebookCommands } from './notebook_commands';
import { notifications } from './notifications';
import { panel } from './panel';
import { router } from './router';
import { runCommands } from './run_commands';
import { runPage } from './run_page';
import { runSection, runTarget } from './run_section';
import { runsSection } from './runs_section';
import { running } from './running';
import { settings } from './settings';
import { state } from './state';

export const plugins: JupyterFrontEndPlugin<unknown>[] = [
  settings,
  state,
  panel,
  runTarget,
  runSection,
  runsSection,
  notebookCommands,
  runCommands,
  runPage,
  router,
  mlflowLinks,
  running,
  notifications,
  firstSteps,
  autolog
];
