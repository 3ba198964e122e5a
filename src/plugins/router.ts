/** Opens what the page's address names: links survive a login and can be shared. */
import {
  IRouter,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';

import { CommandIDs } from '../contract/command_ids';

/** Begins what names something of ours in an address; what it says is read when it is there. */
const MARK = /[?&]mlops-(?:run|experiment|panel)/;

export const router: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlops:router',
  description: 'Opens a run, or the runs of an experiment, from a link.',
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
        const { linked, withoutLink } = await import('../state/run_link');
        const asked = linked(String(args.search ?? ''));
        if (!asked) {
          return;
        }
        // The link is for this visit; a reload restores the page from the layout.
        const here = withoutLink(window.location.href);
        window.history.replaceState(null, '', here);
        await app.restored;
        await (asked.runId === null
          ? commands.execute(CommandIDs.showRuns, {
              experiment_id: asked.experimentId
            })
          : commands.execute(CommandIDs.openRun, {
              run_id: asked.runId,
              section: asked.section
            }));
      }
    });
    routes?.register({
      command: CommandIDs.followLink,
      pattern: MARK,
      rank: 40
    });
  }
};
