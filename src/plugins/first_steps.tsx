/** The checklist of first steps above the panel's sections, and what its buttons show. */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { LazyView } from '../components/lazy_view';
import { DOMAIN } from '../components/translation';
import { CommandIDs } from '../contract/command_ids';
import type { FirstStepsStore, Step } from '../runs/first_steps_store';
import { IMlopsState } from '../state/tokens';
import { ISettingsStore } from './settings';
import { IMlopsPanel } from './tokens';

/** Names that the examples have, wherever their copies lie. */
const EXAMPLES = ['breast_cancer.ipynb', 'diabetes.ipynb', 'digits.ipynb'];
const FAILING_EXAMPLE = ['fails_at_a_cell.ipynb'];

export const firstSteps: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlops:first-steps',
  description: 'Shows newcomers the first steps.',
  autoStart: true,
  requires: [IMlopsPanel, IMlopsState, ISettingsStore],
  optional: [ITranslator, ICommandPalette, IStateDB],
  activate: (
    app: JupyterFrontEnd,
    panel: IMlopsPanel,
    state: IMlopsState,
    settings: ISettingsStore,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
    database: IStateDB | null
  ) => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const { commands } = app;
    /** Somebody asked for the list, done or not. */
    let isWanted = false;
    let store: FirstStepsStore | null = null;
    const view = new LazyView({
      trans,
      load: async () => {
        const [shared, { FirstSteps }, { FirstStepsStore }] = await Promise.all(
          [
            state.load(),
            import('../runs/first_steps'),
            import('../runs/first_steps_store')
          ]
        );
        // What could not be shown is loaded once more.
        store?.dispose();
        const made = new FirstStepsStore({ shared, commands, database });
        store = made;
        const hide = (): void => void settings.set('firstSteps', false);
        made.completed.connect(() => {
          hide();
          Notification.success(
            trans.__(
              'All first steps are done: the rest is yours. The command palette brings them back.'
            ),
            { autoClose: 8000 }
          );
        });
        if (!isWanted && (await made.wasComplete())) {
          hide();
        }
        return () => (
          <FirstSteps
            store={made}
            show={step => void show(app, made, step)}
            hide={hide}
          />
        );
      }
    });
    view.id = 'jp-mlops-first-steps';
    const follow = (): void => view.setHidden(!settings.values.firstSteps);
    settings.changed.connect(follow);
    follow();
    panel.placeOnTop(view);
    commands.addCommand(CommandIDs.firstSteps, {
      label: trans.__('Show First Steps'),
      caption: trans.__('Show or hide the checklist above the MLOps panel'),
      describedBy: { args: { type: 'object', properties: {} } },
      isToggled: () => settings.values.firstSteps,
      execute: async () => {
        isWanted = true;
        await settings.set('firstSteps', !settings.values.firstSteps);
        panel.reveal();
      }
    });
    palette?.addItem({
      command: CommandIDs.firstSteps,
      category: trans.__('MLOps')
    });
  }
};

/** Lead to the place where a step is done; the user does it. */
async function show(
  app: JupyterFrontEnd,
  store: FirstStepsStore,
  step: Step
): Promise<void> {
  const { commands } = app;
  const openRun = (run_id: string): Promise<unknown> =>
    commands.execute(CommandIDs.openRun, { run_id });
  await store.renew();
  const { latestRun, latestNotebookRun, failedRun } = store;
  switch (step) {
    case 'look':
      if (latestRun) {
        await openRun(latestRun.run_id);
        return;
      }
      await showForm(app, EXAMPLES);
      return;
    case 'repeat':
      if (latestNotebookRun) {
        await commands.execute(CommandIDs.cloneRun, {
          run_id: latestNotebookRun.run_id
        });
        return;
      }
      await showForm(app, EXAMPLES);
      return;
    case 'failure':
      if (failedRun) {
        await openRun(failedRun.run_id);
        return;
      }
      await showForm(app, FAILING_EXAMPLE);
      return;
    case 'own': {
      const notebook = (await commands.execute('notebook:create-new')) as
        NotebookPanel | undefined;
      if (notebook) {
        const { writeOwnCode } = await import('../notebook/own_code');
        await writeOwnCode(notebook);
      }
      return;
    }
    case 'run':
      await showForm(app, EXAMPLES);
  }
}

/** Show the Run form of the first of these notebooks that is there, else of one that the user chooses. */
async function showForm(
  app: JupyterFrontEnd,
  names: readonly string[]
): Promise<void> {
  const { commands, serviceManager } = app;
  for (const folder of ['', 'examples']) {
    const listing = await serviceManager.contents
      .get(folder, { content: true })
      .catch(() => null);
    const found = names.find(name =>
      (listing?.content as { name: string }[] | undefined)?.some(
        file => file.name === name
      )
    );
    if (found) {
      const path = folder ? `${folder}/${found}` : found;
      await commands.execute('docmanager:open', { path });
      await commands.execute(CommandIDs.runNotebook, { path });
      return;
    }
  }
  await commands.execute(CommandIDs.runNotebook, { from: 'launcher' });
}
