/** The panel in the sidebar: an accordion whose sections other plugins fill. */
import {
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin,
  ILayoutRestorer
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { SidePanel } from '@jupyterlab/ui-components';
import { type Message, MessageLoop } from '@lumino/messaging';
import { AccordionPanel, Panel, SplitPanel, Widget } from '@lumino/widgets';

import { mlopsIcon } from '../components/icons';
import { DOMAIN } from '../components/translation';
import { CommandIDs } from '../contract/command_ids';
import { IMlopsPanel } from './tokens';

/** Between JupyterLab's own tabs and those that users add. */
const RANK = 510;

class MlopsPanel extends SidePanel implements IMlopsPanel {
  constructor(
    private readonly _app: JupyterFrontEnd,
    translator: ITranslator
  ) {
    super({ translator, header: new Panel() });
    const trans = translator.load(DOMAIN);
    this.id = 'jp-mlops-panel';
    this.addClass('jp-Mlops-Panel');
    this.title.icon = mlopsIcon;
    this.title.caption = trans.__('MLOps: run notebooks and follow them');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('MLOps'));
    // What stands on top grows and shrinks by itself; Lumino has to be told what is left.
    this._observer = new ResizeObserver(() =>
      MessageLoop.postMessage(this.content, Widget.ResizeMessage.UnknownSize)
    );
    this._observer.observe(this.content.node);
  }

  override dispose(): void {
    this._observer.disconnect();
    super.dispose();
  }

  addSection(section: Widget, rank: number): void {
    // Sections are read in the order of the page, which is that of their arrival: later ones make room.
    const below = this._sections.filter(other => other.rank > rank);
    for (const { widget } of below) {
      widget.parent = null;
    }
    this._sections = [
      ...this._sections.filter(other => other.rank <= rank),
      { widget: section, rank },
      ...below
    ];
    for (const { widget } of this._sections.slice(-1 - below.length)) {
      this.addWidget(widget);
      // Sections share what room there is, whatever stands above them.
      SplitPanel.setStretch(widget, 1);
    }
  }

  placeOnTop(header: Widget): void {
    this.header.addWidget(header);
  }

  reveal(sectionId?: string): void {
    this._app.shell.activateById(this.id);
    const index = this.content.widgets.findIndex(({ id }) => id === sectionId);
    if (index >= 0 && this.content instanceof AccordionPanel) {
      this.content.expand(index);
    }
  }

  protected override onBeforeShow(message: Message): void {
    super.onBeforeShow(message);
    if (this._shown || !(this.content instanceof AccordionPanel)) {
      return;
    }
    this._shown = true;
    // JupyterLab before 4.6 remembers all sections of a hidden panel as closed.
    const sections = this.content.widgets;
    if (sections.every(section => section.isHidden)) {
      for (let index = 0; index < sections.length; index++) {
        this.content.expand(index);
      }
    }
  }

  private _shown = false;
  private _sections: { widget: Widget; rank: number }[] = [];
  private readonly _observer: ResizeObserver;
}

export const panel: JupyterFrontEndPlugin<IMlopsPanel> = {
  id: 'jupyter-mlops:panel',
  description: 'Adds the MLOps panel to the sidebar.',
  autoStart: true,
  provides: IMlopsPanel,
  optional: [ITranslator, ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ): IMlopsPanel => {
    const words = translator ?? nullTranslator;
    const trans = words.load(DOMAIN);
    const widget = new MlopsPanel(app, words);
    app.shell.add(widget, 'left', { rank: RANK, type: 'MLOps' });
    restorer?.add(widget, widget.id);
    app.commands.addCommand(CommandIDs.openPanel, {
      label: trans.__('Show the MLOps Panel'),
      caption: trans.__('Run notebooks with parameters and follow them'),
      icon: mlopsIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => widget.reveal()
    });
    palette?.addItem({
      command: CommandIDs.openPanel,
      category: trans.__('MLOps')
    });
    return widget;
  }
};
