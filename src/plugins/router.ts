/** Opens the run that the page's address names: links survive a login and can be shared. */
import {
  IRouter,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';

import { CommandIDs } from '../contract/command_ids';
import { RUN_IN_ADDRESS, runOf, withoutRun } from '../state/run_link';

export const router: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlops:router',
  description: 'Opens a run from a link to it.',
  autoStart: true,
  optional: [IRouter],
  activate: (app: JupyterFrontEnd, routes: IRouter | null) => {
    const { commands } = app;
    commands.addCommand(CommandIDs.followLink, {
      describedBy: {
        args: {
          type: 'object',
          properties: {
            search: { type: 'string', description: 'The query of an address.' }
          }
        }
      },
      execute: async args => {
        const asked = runOf(String(args.search ?? ''));
        if (!asked) {
          return;
        }
        // The link is for this visit; a reload restores the page from the layout.
        const here = withoutRun(window.location.href);
        window.history.replaceState(null, '', here);
        await app.restored;
        await commands.execute(CommandIDs.openRun, {
          run_id: asked.runId,
          section: asked.section
        });
      }
    });
    routes?.register({
      command: CommandIDs.followLink,
      pattern: RUN_IN_ADDRESS,
      rank: 40
    });
  }
};
