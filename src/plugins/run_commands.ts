/** What can be done with runs, as commands: menus, keys, rows and the run page share them. */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Clipboard, ICommandPalette, Notification } from '@jupyterlab/apputils';
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
  ReadonlyPartialJSONObject,
  ReadonlyJSONObject
} from '@lumino/coreutils';

import { isActive } from '../components/status_names';
import { DOMAIN } from '../components/translation';
import { IMlopsApi } from '../contract/client';
import { CommandIDs } from '../contract/command_ids';
import { errorMessage } from '../contract/errors';
import type { Run, RunSummary } from '../contract/types';
import { IActiveRuns, IChangeFeed, IRunsStore } from '../state/tokens';
import { runLink } from './run_link';

const NO_ARGS: ReadonlyJSONObject = { type: 'object', properties: {} };
const RUN_ARGS: ReadonlyJSONObject = {
  type: 'object',
  properties: {
    run_id: {
      type: 'string',
      description: 'The run; by default the one that is chosen in the list.'
    }
  }
};
const RUNS_ARGS: ReadonlyJSONObject = {
  type: 'object',
  properties: {
    run_id: { type: 'string', description: 'One run.' },
    run_ids: {
      type: 'array',
      items: { type: 'string' },
      description: 'The runs; by default those that are selected in the list.'
    }
  }
};

export const runCommands: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlops:run-commands',
  description: 'Adds commands to cancel, repeat, delete and restore runs.',
  autoStart: true,
  requires: [IMlopsApi, IRunsStore, IActiveRuns, IChangeFeed],
  optional: [ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    api: IMlopsApi,
    store: IRunsStore,
    active: IActiveRuns,
    feed: IChangeFeed,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ) => {
    const { commands } = app;
    const trans = (translator ?? nullTranslator).load(DOMAIN);

    const targets = (args: ReadonlyPartialJSONObject): string[] =>
      Array.isArray(args.run_ids)
        ? args.run_ids.map(String)
        : typeof args.run_id === 'string'
          ? [args.run_id]
          : store.selection.targets();
    const one = (args: ReadonlyPartialJSONObject): string | null => {
      const ids = targets(args);
      return ids.length === 1 ? (ids[0] ?? null) : null;
    };
    /** Runs named by an id that the list does not hold are left to the server to judge. */
    const some = (
      args: ReadonlyPartialJSONObject,
      test: (run: RunSummary) => boolean
    ): boolean =>
      targets(args).some(runId => {
        const run = store.get(runId);
        return run ? test(run) : args.run_id === runId;
      });

    /** Ask the server for one change per run; show each answer at once and each refusal. */
    const change = async (
      runIds: readonly string[],
      call: (runId: string) => Promise<Run>
    ): Promise<string[]> => {
      const done: string[] = [];
      const refusals = new Set<string>();
      for (const runId of runIds) {
        try {
          store.put(await call(runId));
          done.push(runId);
        } catch (reason) {
          refusals.add(errorMessage(reason));
        }
      }
      for (const refusal of refusals) {
        Notification.error(refusal, { autoClose: 8000 });
      }
      void feed.refresh();
      return done;
    };

    const add = (
      id: string,
      options: CommandRegistry.ICommandOptions,
      inPalette = true
    ): void => {
      commands.addCommand(id, options);
      if (inPalette) {
        palette?.addItem({ command: id, category: trans.__('MLOps') });
      }
    };

    add(CommandIDs.cancelRuns, {
      label: trans.__('Cancel Run'),
      caption: trans.__('Stop the run and everything that it started'),
      icon: stopIcon,
      describedBy: { args: RUNS_ARGS },
      isEnabled: args => some(args, run => isActive(run)),
      execute: args => {
        const runIds = targets(args).filter(runId => {
          const run = store.get(runId);
          return !run || isActive(run);
        });
        return change(runIds, runId => api.cancelRun(runId));
      }
    });

    add(CommandIDs.rerun, {
      label: trans.__('Run Again'),
      caption: trans.__(
        'Repeat the run from its recorded notebook with the same parameters'
      ),
      icon: runIcon,
      describedBy: { args: RUN_ARGS },
      isEnabled: args => one(args) !== null,
      execute: args => {
        const runId = one(args);
        return runId === null
          ? []
          : change([runId], async () => {
              const run = await api.rerun(runId);
              active.add(run);
              return run;
            });
      }
    });

    add(CommandIDs.trashRuns, {
      label: trans.__('Delete Run'),
      caption: trans.__('Move the run to the trash'),
      icon: deleteIcon,
      describedBy: { args: RUNS_ARGS },
      isEnabled: args =>
        some(args, run => !isActive(run) && run.deleted_at === null),
      execute: async args => {
        const runIds = targets(args).filter(runId => {
          const run = store.get(runId);
          return !run || (!isActive(run) && run.deleted_at === null);
        });
        const done = await change(runIds, runId => api.trashRun(runId));
        if (done.length > 0) {
          Notification.info(
            trans._n(
              '%1 run is in the trash now.',
              '%1 runs are in the trash now.',
              done.length
            ),
            {
              autoClose: 8000,
              actions: [
                {
                  label: trans.__('Undo'),
                  callback: () =>
                    void commands.execute(CommandIDs.restoreRuns, {
                      run_ids: done
                    })
                }
              ]
            }
          );
        }
      }
    });

    add(CommandIDs.restoreRuns, {
      label: trans.__('Restore Run'),
      caption: trans.__('Take the run out of the trash'),
      icon: undoIcon,
      describedBy: { args: RUNS_ARGS },
      isEnabled: args =>
        Array.isArray(args.run_ids) ||
        some(args, run => run.deleted_at !== null),
      execute: args => change(targets(args), runId => api.restoreRun(runId))
    });

    add(CommandIDs.copyRunId, {
      label: trans.__('Copy Run ID'),
      icon: copyIcon,
      describedBy: { args: RUN_ARGS },
      isEnabled: args => one(args) !== null,
      execute: args => Clipboard.copyToSystem(one(args) ?? '')
    });

    add(CommandIDs.copyRunLink, {
      label: trans.__('Copy Link to Run'),
      caption: trans.__('Copy an address that opens the run'),
      icon: linkIcon,
      describedBy: { args: RUN_ARGS },
      isEnabled: args => one(args) !== null,
      execute: args =>
        Clipboard.copyToSystem(runLink(window.location.href, one(args) ?? ''))
    });

    add(CommandIDs.openSource, {
      label: trans.__('Open Source Notebook'),
      caption: trans.__('Open the notebook that the run was started from'),
      describedBy: { args: RUN_ARGS },
      isEnabled: args => some(args, run => run.notebook !== null),
      execute: async args => {
        const runId = one(args);
        const run = runId && (store.get(runId) ?? (await api.run(runId)));
        return (
          run && commands.execute('docmanager:open', { path: run.notebook })
        );
      }
    });

    add(CommandIDs.refreshRuns, {
      label: trans.__('Refresh the List of Runs'),
      icon: refreshIcon,
      describedBy: { args: NO_ARGS },
      execute: async () => {
        await feed.refresh();
        await store.reload();
      }
    });

    add(CommandIDs.showTrash, {
      label: trans.__('Show Deleted Runs'),
      caption: trans.__('Show the trash in the list of runs'),
      icon: deleteIcon,
      isToggled: () => store.filter.deleted,
      describedBy: { args: NO_ARGS },
      execute: () => {
        store.setFilter({ deleted: !store.filter.deleted });
        commands.notifyCommandChanged(CommandIDs.showTrash);
      }
    });
  }
};
