/** The list of plugins that JupyterLab activates. */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { settings } from './settings';
import { state } from './state';

export const plugins: JupyterFrontEndPlugin<unknown>[] = [settings, ...state];
