import type { JupyterFrontEnd } from '@jupyterlab/application';
import { CommandRegistry } from '@lumino/commands';

import { until } from '../../contract/__tests__/in_memory_server';
import { CommandIDs } from '../../contract/command_ids';
import { type ISetUp, setUpShared } from '../../state/__tests__/shared';
import { mlflowLinks } from '../mlflow_links';

let setUp: ISetUp;
let opened: unknown[];
let thrown: unknown[];
const noteError = (event: ErrorEvent): void => {
  event.preventDefault();
  thrown.push(event.error);
};

beforeAll(() => {
  const commands = new CommandRegistry();
  commands.addCommand(CommandIDs.showRuns, {
    execute: args => opened.push(args)
  });
  void mlflowLinks.activate({ commands } as unknown as JupyterFrontEnd, {
    load: () => Promise.resolve(setUp.shared)
  });
});
beforeEach(() => {
  setUp = setUpShared();
  opened = [];
  thrown = [];
  window.addEventListener('error', noteError);
});
afterEach(() => {
  window.removeEventListener('error', noteError);
  document.body.replaceChildren();
  setUp.dispose();
});

/** Click on what is in a link; whether the browser would follow the link itself. */
function click(link: Element, inner: Element, href: string): boolean {
  link.setAttribute('href', href);
  link.append(inner);
  document.body.append(link);
  return inner.dispatchEvent(
    new MouseEvent('click', { bubbles: true, cancelable: true })
  );
}

describe('links that MLflow prints', () => {
  it('open here what they lead to', async () => {
    const { serverUrl } = setUp.shared.api;
    const link = `${new URL(serverUrl).href}mlops/#/experiments/3`;
    const [anchor, inner] = ['a', 'b'].map(tag => document.createElement(tag));
    expect(click(anchor!, inner!, link)).toBe(false);
    await until(() => opened.length === 1);
    expect(opened).toEqual([{ experiment_id: 3 }]);
  });

  it('are no links of a drawing, which go where they go', () => {
    const link = 'http://localhost/mlops/#/experiments/3';
    const [anchor, inner] = ['a', 'text'].map(tag =>
      document.createElementNS('http://www.w3.org/2000/svg', tag)
    );
    expect(click(anchor!, inner!, link)).toBe(true);
    expect(thrown).toEqual([]);
    expect(opened).toEqual([]);
  });
});
