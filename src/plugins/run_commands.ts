/** What can be done with runs, as commands: menus, keys, rows and the run page share them. */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import {
  copyIcon,
  deleteIcon,
  linkIcon,
  refreshIcon,
  runIcon,
  stopIcon,
  undoIcon
} from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type {
  ReadonlyJSONObject,
  ReadonlyPartialJSONObject
} from '@lumino/coreutils';

import { mlopsIcon } from '../components/icons';
import { isActive } from '../contract/run_status';
import { DOMAIN } from '../components/translation';
import { CommandIDs } from '../contract/command_ids';
import type { RunSummary } from '../contract/types';
import type { RunActions } from '../runs/run_actions';
import type { PendingAction } from '../state/pending_actions';
import { IMlopsState } from '../state/tokens';

type Args = ReadonlyPartialJSONObject;
type ActionName = {
  [K in keyof RunActions]: RunActions[K] extends (
    runIds: readonly string[]
  ) => Promise<void>
    ? K
    : never;
}[keyof RunActions];

const NO_ARGS: ReadonlyJSONObject = { type: 'object', properties: {} };
const RUNS: ReadonlyJSONObject = {
  run_id: {
    type: 'string',
    description: 'One run; by default what is selected in the list.'
  },
  run_ids: {
    type: 'array',
    items: { type: 'string' },
    description: 'Several runs.'
  }
};
const RUN_ARGS: ReadonlyJSONObject = { type: 'object', properties: RUNS };
const LINK_ARGS: ReadonlyJSONObject = {
  type: 'object',
  properties: {
    ...RUNS,
    section: {
      type: 'string',
      description: 'The tab of the page that the link leads to.'
    }
  }
};

export const runCommands: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlops:run-commands',
  description:
    'Adds commands to cancel, repeat, delete and restore runs, and to empty the trash.',
  autoStart: true,
  requires: [IMlopsState],
  optional: [ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    state: IMlopsState,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ) => {
    const { commands } = app;
    const trans = (translator ?? nullTranslator).load(DOMAIN);

    /** The runs that a command is for; commands of the list give no ids. */
    const targets = (args: Args): string[] =>
      Array.isArray(args.run_ids)
        ? args.run_ids.map(String)
        : typeof args.run_id === 'string'
          ? [args.run_id]
          : (state.now?.runs.selection.targets() ?? []);
    const isOne = (args: Args): boolean => targets(args).length === 1;
    const isNamed = (args: Args): boolean =>
      'run_id' in args || 'run_ids' in args;
    /** By the rows for who looks at them; a run that is named, and not known by them, is the server's to judge. */
    const isAny =
      (test: (run: RunSummary) => boolean) =>
      (args: Args): boolean =>
        targets(args).some(runId => {
          const runs = state.now?.runs;
          const run = isNamed(args) ? runs?.fresh(runId) : runs?.get(runId);
          return run ? test(run) : isNamed(args);
        });

    const add = (
      id: string,
      options: CommandRegistry.ICommandOptions
    ): void => {
      commands.addCommand(id, options);
      palette?.addItem({ command: id, category: trans.__('MLOps') });
    };
    let actions: Promise<RunActions> | null = null;
    const loadActions = async (): Promise<RunActions> => {
      const [shared, { RunActions }] = await Promise.all([
        state.load(),
        import('../runs/run_actions')
      ]);
      shared.pending.changed.connect(() => {
        commands.notifyCommandChanged(CommandIDs.cancelRuns);
        commands.notifyCommandChanged(CommandIDs.rerun);
      });
      return new RunActions(shared, commands, trans);
    };
    const theActions = (): Promise<RunActions> =>
      (actions ??= loadActions().catch((reason: unknown) => {
        // What did not arrive is fetched again with the next command.
        actions = null;
        throw reason;
      }));
    const act =
      (name: ActionName) =>
      async (args: Args): Promise<void> => {
        const runIds = targets(args);
        await (await theActions())[name](runIds);
      };
    /** Whether the server has still to be asked about one of the runs. */
    const isToAsk = (action: PendingAction, args: Args): boolean =>
      targets(args).some(runId => !state.now?.pending.has(action, runId));

    add(CommandIDs.openChosenRun, {
      label: trans.__('Open Run'),
      caption: trans.__('Show metrics, notebook, log and artifacts of the run'),
      icon: mlopsIcon,
      describedBy: { args: NO_ARGS },
      isEnabled: isOne,
      execute: args =>
        commands.execute(CommandIDs.openRun, { run_id: targets(args)[0] })
    });
    add(CommandIDs.cancelRuns, {
      label: trans.__('Cancel Run'),
      caption: trans.__('Stop the run and everything that it started'),
      icon: stopIcon,
      describedBy: { args: RUN_ARGS },
      isEnabled: args => isAny(isActive)(args) && isToAsk('cancel', args),
      execute: act('cancel')
    });
    add(CommandIDs.rerun, {
      label: trans.__('Run Again'),
      caption: trans.__(
        'Repeat the run from its recorded notebook with the same parameters'
      ),
      icon: runIcon,
      describedBy: { args: RUN_ARGS },
      isEnabled: args => isOne(args) && isToAsk('rerun', args),
      execute: act('rerun')
    });
    add(CommandIDs.trashRuns, {
      label: trans.__('Delete Run'),
      caption: trans.__('Move the run to the trash'),
      icon: deleteIcon,
      describedBy: { args: RUN_ARGS },
      isEnabled: isAny(run => !isActive(run) && run.deleted_at === null),
      isVisible: isAny(run => run.deleted_at === null),
      execute: act('trash')
    });
    add(CommandIDs.restoreRuns, {
      label: trans.__('Restore Run'),
      caption: trans.__('Take the run out of the trash'),
      icon: undoIcon,
      describedBy: { args: RUN_ARGS },
      isVisible: isAny(run => run.deleted_at !== null),
      execute: act('restore')
    });
    add(CommandIDs.purgeRuns, {
      label: trans.__('Delete Run Permanently…'),
      caption: trans.__('Delete the run in the trash for good, with its files'),
      icon: deleteIcon,
      describedBy: { args: RUN_ARGS },
      isEnabled: isAny(run => run.deleted_at !== null),
      isVisible: isAny(run => run.deleted_at !== null),
      execute: act('purge')
    });
    add(CommandIDs.emptyTrash, {
      label: trans.__('Empty the Trash of Runs…'),
      caption: trans.__('Delete all runs in the trash for good'),
      icon: deleteIcon,
      describedBy: { args: NO_ARGS },
      execute: act('emptyTrash')
    });
    add(CommandIDs.copyRunId, {
      label: trans.__('Copy Run ID'),
      icon: copyIcon,
      describedBy: { args: RUN_ARGS },
      isEnabled: isOne,
      execute: act('copyId')
    });
    add(CommandIDs.copyRunLink, {
      label: trans.__('Copy Link to Run'),
      caption: trans.__('Copy an address that opens the run'),
      icon: linkIcon,
      describedBy: { args: LINK_ARGS },
      isEnabled: isOne,
      execute: async args => {
        const runIds = targets(args);
        const section = typeof args.section === 'string' ? args.section : '';
        await (await theActions()).copyLink(runIds, section);
      }
    });
    add(CommandIDs.openSource, {
      label: trans.__('Open Source Notebook'),
      caption: trans.__('Open the notebook that the run was started from'),
      describedBy: { args: RUN_ARGS },
      isEnabled: isAny(run => run.notebook !== null),
      execute: act('openSource')
    });
    add(CommandIDs.refreshRuns, {
      label: trans.__('Refresh the List of Runs'),
      icon: refreshIcon,
      describedBy: { args: NO_ARGS },
      execute: async () => {
        const { feed, runs } = await state.load();
        await feed.refresh();
        await runs.reload();
      }
    });
    add(CommandIDs.showTrash, {
      label: trans.__('Show Deleted Runs'),
      caption: trans.__('Show the trash in the list of runs'),
      icon: deleteIcon,
      describedBy: { args: NO_ARGS },
      isToggled: () => state.now?.runs.filter.deleted ?? false,
      execute: async () => {
        const { runs } = await state.load();
        runs.setFilter({ deleted: !runs.filter.deleted });
        commands.notifyCommandChanged(CommandIDs.showTrash);
      }
    });
  }
};
