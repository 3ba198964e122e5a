/** The list of plugins that JupyterLab activates. */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { settings } from './settings';

export const plugins: JupyterFrontEndPlugin<unknown>[] = [settings];
