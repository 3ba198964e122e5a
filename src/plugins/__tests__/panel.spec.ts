import type { JupyterFrontEnd } from '@jupyterlab/application';
import { CommandRegistry } from '@lumino/commands';
import { type AccordionPanel, Widget } from '@lumino/widgets';

import { panel } from '../panel';

async function withSections(): Promise<AccordionPanel> {
  const shown: Widget[] = [];
  const shell = { add: (widget: Widget) => shown.push(widget) };
  const app = { shell, commands: new CommandRegistry() };
  const made = await panel.activate(
    app as unknown as JupyterFrontEnd,
    null,
    null,
    null
  );
  for (const rank of [1, 2]) {
    made.addSection(new Widget(), rank);
  }
  const widget = shown[0] as Widget & { content: AccordionPanel };
  widget.hide();
  Widget.attach(widget, document.body);
  return widget.content;
}

describe('the panel', () => {
  afterEach(() => document.body.replaceChildren());

  it('opens its sections when it comes up with all of them closed', async () => {
    const content = await withSections();
    content.collapse(0);
    content.collapse(1);
    content.parent!.show();
    expect(content.widgets.map(section => section.isHidden)).toEqual([
      false,
      false
    ]);
  });

  it('leaves sections as they were left', async () => {
    const content = await withSections();
    content.collapse(0);
    content.parent!.show();
    content.collapse(1);
    content.parent!.hide();
    content.parent!.show();
    expect(content.widgets.map(section => section.isHidden)).toEqual([
      true,
      true
    ]);
  });
});
