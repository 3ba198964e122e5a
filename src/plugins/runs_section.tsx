/** The Runs section of the panel, and the context menu of its rows. */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import {
  CommandToolbarButton,
  PanelWithToolbar
} from '@jupyterlab/ui-components';

import { LazyView } from '../components/lazy_view';
import { DOMAIN } from '../components/translation';
import { CommandIDs } from '../contract/command_ids';
import { IMlopsState } from '../state/tokens';
import { IMlopsPanel, SectionIDs } from './tokens';

export const runsSection: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlops:runs-section',
  description: 'Adds the live list of runs to the panel.',
  autoStart: true,
  requires: [IMlopsPanel, IMlopsState],
  optional: [ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    panel: IMlopsPanel,
    state: IMlopsState,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ) => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const { commands } = app;
    const section = new PanelWithToolbar();
    section.id = SectionIDs.runs;
    section.addClass('jp-Mlops-Section');
    section.title.label = trans.__('Runs');
    section.toolbar.addItem(
      'refresh',
      new CommandToolbarButton({
        commands,
        id: CommandIDs.refreshRuns,
        label: ''
      })
    );
    section.addWidget(
      new LazyView({
        trans,
        load: async () => {
          const [shared, { RunsSection }] = await Promise.all([
            state.load(),
            import('../runs/runs_section')
          ]);
          // A click on a row must not wait for what it does to be loaded.
          import('../runs/run_actions').catch(() => undefined);
          return () => (
            <RunsSection
              store={shared.runs}
              feed={shared.feed}
              experiments={shared.experiments}
              pending={shared.pending}
              commands={commands}
              openMenu={(x, y) => openContextMenu(x, y)}
            />
          );
        }
      })
    );
    panel.addSection(section, 20);
    commands.addCommand(CommandIDs.showRuns, {
      describedBy: {
        args: {
          type: 'object',
          properties: {
            experiment_id: {
              type: 'number',
              description: 'Only the runs of this experiment.'
            }
          }
        }
      },
      execute: async args => {
        panel.reveal(section.id);
        if (typeof args.experiment_id === 'number') {
          const [{ runs }, { NO_FILTER }] = await Promise.all([
            state.load(),
            import('../state/run_filter')
          ]);
          runs.setFilter({ ...NO_FILTER, experimentId: args.experiment_id });
        }
      }
    });
    commands.addCommand(CommandIDs.searchRuns, {
      label: trans.__('Search Runs'),
      caption: trans.__(
        'Put the cursor into the search box of the list of runs'
      ),
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => {
        panel.reveal(section.id);
        section.node.querySelector('input')?.focus();
      }
    });
    palette?.addItem({
      command: CommandIDs.searchRuns,
      category: trans.__('MLOps')
    });
  }
};

/** Open JupyterLab's context menu as a right click at that place would. */
function openContextMenu(x: number, y: number): void {
  document.elementFromPoint(x, y)?.dispatchEvent(
    new MouseEvent('contextmenu', {
      bubbles: true,
      cancelable: true,
      clientX: x,
      clientY: y
    })
  );
}
