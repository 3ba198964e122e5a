/** Opens the page of a run in the main area, and brings open pages back after a reload. */
import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import {
  IThemeManager,
  MainAreaWidget,
  WidgetTracker
} from '@jupyterlab/apputils';
import { IEditorServices } from '@jupyterlab/codeeditor';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { mlopsIcon } from '../components/icons';
import { LazyView } from '../components/lazy_view';
import { DOMAIN } from '../components/translation';
import { CommandIDs } from '../contract/command_ids';
import { IMlopsState } from '../state/tokens';
import { showBelow } from './area_below';
import { RunTab } from './run_tab';

export const runPage: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlops:run-page',
  description: 'Adds the page of a run.',
  autoStart: true,
  requires: [IMlopsState, IRenderMimeRegistry, IEditorServices],
  optional: [ITranslator, ILabShell, ILayoutRestorer, IThemeManager],
  activate: (
    app: JupyterFrontEnd,
    state: IMlopsState,
    rendermime: IRenderMimeRegistry,
    editors: IEditorServices,
    translator: ITranslator | null,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    themes: IThemeManager | null
  ) => {
    const { commands, shell } = app;
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const tracker = new WidgetTracker<MainAreaWidget<LazyView>>({
      namespace: 'jupyter-mlops-run'
    });
    const tabs = new Map<string, RunTab>();
    const notebookTools = {
      editorFactory: editors.factoryService.newInlineEditor,
      mimeTypeService: editors.mimeTypeService
    };
    const onThemeChange = (slot: () => void): (() => void) => {
      themes?.themeChanged.connect(slot);
      return () => {
        themes?.themeChanged.disconnect(slot);
      };
    };

    const open = (
      runId: string,
      section: string | null,
      name: string | null
    ): RunTab => {
      const tab = new RunTab(runId, section);
      const content = new LazyView({
        trans,
        load: async () => {
          // While the layout is restored every page is in front for a moment.
          await app.restored;
          const [{ api, feed }, { RunPage, RunPageStore }] = await Promise.all([
            state.load(),
            import('../run_page/run_page')
          ]);
          const store = new RunPageStore(api, feed, runId);
          tab.follow(store);
          return () => (
            <RunPage
              tab={tab}
              store={store}
              commands={commands}
              rendermime={rendermime}
              notebookTools={notebookTools}
              contents={app.serviceManager.contents}
              onThemeChange={onThemeChange}
            />
          );
        }
      });
      const widget = new MainAreaWidget({ content });
      // The page has its actions in its head; an empty toolbar would draw a stripe.
      widget.toolbar.hide();
      widget.id = `jp-mlops-run-${runId}`;
      widget.title.icon = mlopsIcon;
      widget.title.closable = true;
      widget.title.label = trans.__('Run %1', runId.slice(0, 8));
      tab.bind(widget, name);
      tabs.set(runId, tab);
      widget.disposed.connect(() => {
        tab.dispose();
        tabs.delete(runId);
      });
      tab.changed.connect(() => void tracker.save(widget));
      void tracker.add(widget);
      return tab;
    };

    commands.addCommand(CommandIDs.openRun, {
      label: trans.__('Open Run'),
      caption: trans.__('Show metrics, notebook, log and artifacts of a run'),
      icon: mlopsIcon,
      describedBy: {
        args: {
          type: 'object',
          required: ['run_id'],
          properties: {
            run_id: { type: 'string', description: 'The run.' },
            section: {
              type: 'string',
              description:
                'The tab: overview, notebook, cells, log, artifacts or environment; by default the notebook of a run that failed in a cell, else the overview.'
            },
            name: {
              type: 'string',
              description: 'The title until the run is read.'
            }
          }
        }
      },
      isEnabled: args => typeof args.run_id === 'string',
      execute: args => {
        const runId = String(args.run_id);
        const section = typeof args.section === 'string' ? args.section : null;
        const name = typeof args.name === 'string' ? args.name : null;
        const tab = tabs.get(runId) ?? open(runId, section, name);
        if (section) {
          tab.show(section);
        }
        const widget = tab.widget;
        if (widget && !widget.isAttached) {
          // The main area of Notebook holds one thing only; what comes later belongs below it.
          shell.add(widget, labShell ? 'main' : 'down');
        }
        if (widget) {
          shell.activateById(widget.id);
          if (!labShell) {
            showBelow(widget);
          }
        }
      }
    });

    void restorer?.restore(tracker, {
      command: CommandIDs.openRun,
      args: widget => {
        const tab = [...tabs.values()].find(item => item.widget === widget);
        return tab
          ? { run_id: tab.runId, section: tab.section, name: tab.name }
          : {};
      },
      name: widget => widget.id
    });
  }
};
