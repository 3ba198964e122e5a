/** The Run section of the panel: the form of the notebook in front, or of one that was chosen. */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { PanelWithToolbar } from '@jupyterlab/ui-components';

import { LazyView } from '../components/lazy_view';
import { DOMAIN } from '../components/translation';
import { CommandIDs } from '../contract/command_ids';
import type { ISectionActions } from '../notebook/run_section';
import { RunTarget } from '../notebook/run_target';
import { IMlopsState } from '../state/tokens';
import { ISettingsStore } from './settings';
import { IMlopsPanel, IRunTarget, SectionIDs } from './tokens';

export const runTarget: JupyterFrontEndPlugin<IRunTarget> = {
  id: 'jupyter-mlops:run-target',
  description: 'Knows which notebook the Run form is for.',
  autoStart: true,
  provides: IRunTarget,
  optional: [INotebookTracker],
  activate: (app: JupyterFrontEnd, tracker: INotebookTracker | null) =>
    new RunTarget(tracker, app.serviceManager.contents)
};

export const runSection: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlops:run-section',
  description: 'Adds the form to run a notebook with parameters to the panel.',
  autoStart: true,
  requires: [IMlopsPanel, IRunTarget, IMlopsState, ISettingsStore],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    panel: IMlopsPanel,
    target: IRunTarget,
    state: IMlopsState,
    settings: ISettingsStore,
    translator: ITranslator | null
  ) => {
    const { commands } = app;
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const actions: ISectionActions = {
      addParametersCell: () =>
        void commands.execute(CommandIDs.addParametersCell, {
          path: target.path
        }),
      chooseNotebook: () =>
        void commands.execute(CommandIDs.runNotebook, { choose: true }),
      openRun: run_id => void commands.execute(CommandIDs.openRun, { run_id }),
      submitted: run => {
        state.now?.active.launch(run);
        state.now?.runs.put(run);
        void state.now?.feed.refresh();
      }
    };
    const defaults = (): ISettingsStore['values'] => settings.values;
    const section = new PanelWithToolbar();
    section.id = SectionIDs.run;
    section.addClass('jp-Mlops-Section');
    section.title.label = trans.__('Run');
    section.addWidget(
      new LazyView({
        trans,
        load: async () => {
          const [{ api, feed, experiments, preferences }, { RunSection }] =
            await Promise.all([
              state.load(),
              import('../notebook/run_section')
            ]);
          return () => (
            <RunSection
              api={api}
              feed={feed}
              target={target}
              contents={app.serviceManager.contents}
              experiments={experiments}
              preferences={preferences}
              defaults={defaults}
              actions={actions}
            />
          );
        }
      })
    );
    panel.addSection(section, 10);
  }
};
