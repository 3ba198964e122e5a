/** Active runs in JupyterLab's Running panel, each with a way to cancel it. */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import {
  type IRunningSessions,
  IRunningSessionManagers
} from '@jupyterlab/running';
import {
  ITranslator,
  nullTranslator,
  type TranslationBundle
} from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import { mlopsIcon } from '../components/icons';
import { progressText } from '../components/run_progress';
import { DOMAIN } from '../components/translation';
import { CommandIDs } from '../contract/command_ids';
import type { RunSummary } from '../contract/types';
import { type IActiveRuns, IMlopsState } from '../state/tokens';

export const running: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlops:running',
  description: 'Lists active runs in the Running panel.',
  autoStart: true,
  requires: [IMlopsState],
  // The page of a single notebook in Notebook 7 has no such panel.
  optional: [IRunningSessionManagers, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    state: IMlopsState,
    managers: IRunningSessionManagers | null,
    translator: ITranslator | null
  ) => {
    if (!managers) {
      return;
    }
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    void state
      .load()
      .then(({ active, feed }) =>
        managers.add(
          runManager(active, () => void feed.refresh(), app.commands, trans)
        )
      );
  }
};

function runManager(
  active: IActiveRuns,
  refresh: () => void,
  commands: CommandRegistry,
  trans: TranslationBundle
): IRunningSessions.IManager {
  const cancel = (run_ids: string[]): void => {
    void commands.execute(CommandIDs.cancelRuns, { run_ids });
  };
  const item = (run: RunSummary): IRunningSessions.IRunningItem => ({
    context: 'mlops-run',
    icon: () => mlopsIcon,
    label: () => run.name,
    labelTitle: () => [run.name, run.notebook].filter(Boolean).join('\n'),
    detail: () => progressText(run, trans),
    open: () =>
      void commands.execute(CommandIDs.openRun, { run_id: run.run_id }),
    shutdown: () => cancel([run.run_id])
  });
  return {
    name: trans.__('Runs'),
    running: () => active.runs.map(item),
    runningChanged: active.changed,
    refreshRunning: refresh,
    shutdownAll: () => cancel(active.runs.map(({ run_id }) => run_id)),
    shutdownLabel: trans.__('Cancel Run'),
    shutdownAllLabel: trans.__('Cancel All'),
    shutdownAllConfirmationText: trans.__(
      'Are you sure you want to cancel all active runs?'
    )
  };
}
