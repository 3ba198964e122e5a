/** The commands that lead from a notebook to a run: toolbar, menus, palette and launcher use them. */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { FileDialog, IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { ILauncher } from '@jupyterlab/launcher';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { mlopsIcon } from '../components/icons';
import { DOMAIN } from '../components/translation';
import { CommandIDs } from '../contract/command_ids';
import { IMlopsState } from '../state/tokens';
import { IMlopsPanel, IRunTarget, SectionIDs } from './tokens';

export const notebookCommands: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlops:notebook-commands',
  description: 'Adds commands to run a notebook with parameters.',
  autoStart: true,
  requires: [IMlopsPanel, IRunTarget, IMlopsState, IDocumentManager],
  optional: [
    ITranslator,
    ICommandPalette,
    ILauncher,
    IFileBrowserFactory,
    INotebookTracker
  ],
  activate: (
    app: JupyterFrontEnd,
    panel: IMlopsPanel,
    target: IRunTarget,
    state: IMlopsState,
    manager: IDocumentManager,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null,
    browsers: IFileBrowserFactory | null,
    tracker: INotebookTracker | null
  ) => {
    const { commands } = app;
    const words = translator ?? nullTranslator;
    const trans = words.load(DOMAIN);

    const askForNotebook = async (): Promise<string | null> => {
      const { button, value } = await FileDialog.getOpenFiles({
        manager,
        translator: words,
        title: trans.__('Choose a Notebook to Run'),
        filter: ({ type }) =>
          type === 'notebook' || type === 'directory' ? {} : null
      });
      const chosen = value?.find(({ type }) => type === 'notebook');
      return button.accept && chosen ? chosen.path : null;
    };

    /** The notebook that is marked in the file browser. */
    const marked = (): string | null => {
      const items = browsers?.tracker.currentWidget?.selectedItems();
      for (const item of items ?? []) {
        if (item.type === 'notebook') {
          return item.path;
        }
      }
      return null;
    };

    commands.addCommand(CommandIDs.runNotebook, {
      label: args =>
        args.from === 'launcher'
          ? trans.__('Run a Notebook')
          : trans.__('Run with Parameters…'),
      caption: trans.__('Run the notebook with parameters, and track the run'),
      icon: mlopsIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            path: {
              type: 'string',
              description: 'The notebook; by default the one in front.'
            },
            from: {
              type: 'string',
              description:
                'Where the command was given: `filebrowser` takes the notebook marked there.'
            },
            choose: {
              type: 'boolean',
              description: 'Ask for the notebook in a dialog.'
            }
          }
        }
      },
      execute: async args => {
        const given =
          typeof args.path === 'string'
            ? args.path
            : args.from === 'filebrowser'
              ? marked()
              : null;
        if (given !== null) {
          target.choose(given);
        } else if (args.choose || (args.from === 'launcher' && !target.path)) {
          const chosen = await askForNotebook();
          if (chosen === null) {
            return;
          }
          target.choose(chosen);
        } else if (tracker?.currentWidget) {
          target.release();
        }
        panel.reveal(SectionIDs.run);
        target.requestFocus();
      }
    });

    commands.addCommand(CommandIDs.cloneRun, {
      label: trans.__('Run Again with Other Parameters…'),
      caption: trans.__('Fill the Run form with the parameters of this run'),
      icon: mlopsIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            run_id: {
              type: 'string',
              description: 'The run; by default the one chosen in the list.'
            }
          }
        }
      },
      isEnabled: args =>
        typeof args.run_id === 'string' ||
        state.now?.runs.selection.targets().length === 1,
      execute: async args => {
        const { api, runs } = await state.load();
        const runId = String(args.run_id ?? runs.selection.targets()[0]);
        const known = runs.get(runId);
        // At once: nobody shall fill the form of before while this one is read.
        target.clone(runId, known?.notebook ?? null);
        panel.reveal(SectionIDs.run);
        target.requestFocus();
        if (!known) {
          // That the run cannot be read is said by the form, which reads it too.
          const run = await api.run(runId).catch(() => null);
          if (run && target.clonedRun === runId) {
            target.clone(runId, run.notebook);
          }
        }
      }
    });

    commands.addCommand(CommandIDs.addParametersCell, {
      label: trans.__('Add Parameters Cell'),
      caption: trans.__(
        'Insert the cell whose values the Run form and papermill set'
      ),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            path: {
              type: 'string',
              description: 'The notebook; by default the one in front.'
            }
          }
        }
      },
      isEnabled: args =>
        typeof args.path === 'string' || Boolean(tracker?.currentWidget),
      execute: async args => {
        const notebook =
          typeof args.path === 'string'
            ? ((await commands.execute('docmanager:open', {
                path: args.path
              })) as NotebookPanel | undefined)
            : (tracker?.currentWidget ?? undefined);
        if (notebook) {
          const { addParametersCell } =
            await import('../notebook/parameters_cell');
          await addParametersCell(notebook);
        }
      }
    });

    const category = trans.__('MLOps');
    for (const command of [
      CommandIDs.runNotebook,
      CommandIDs.cloneRun,
      CommandIDs.addParametersCell
    ]) {
      palette?.addItem({ command, category });
    }
    launcher?.add({
      command: CommandIDs.runNotebook,
      args: { from: 'launcher' },
      category: trans.__('Other'),
      rank: 20
    });
  }
};
