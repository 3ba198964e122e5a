import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { CommandRegistry } from '@lumino/commands';

import { refusal } from '../../contract/__tests__/in_memory_server';
import { CommandIDs } from '../../contract/command_ids';
import { type ISetUp, setUpShared } from '../../state/__tests__/shared';
import type { IMlopsState } from '../../state/tokens';
import { autolog } from '../autolog';
import type { IMlopsPanel } from '../tokens';

let setUp: ISetUp;
let commands: CommandRegistry;
beforeEach(() => {
  setUp = setUpShared();
  commands = new CommandRegistry();
  void autolog.activate(
    { commands } as unknown as JupyterFrontEnd,
    {
      placeOnTop: () => undefined,
      reveal: () => undefined
    } as unknown as IMlopsPanel,
    { load: () => Promise.resolve(setUp.shared) } as unknown as IMlopsState,
    null,
    null
  );
});
afterEach(() => {
  Notification.dismiss();
  setUp.dispose();
});

function told(): string[] {
  return Notification.manager.notifications.map(({ type }) => type);
}

describe('the command for autologging', () => {
  it('turns it to what it is not', async () => {
    await commands.execute(CommandIDs.toggleAutolog);
    expect(setUp.server.preferences).toEqual({ autolog: true });
    await commands.execute(CommandIDs.toggleAutolog);
    expect(setUp.server.preferences).toEqual({ autolog: false });
    expect(told()).toEqual([]);
  });

  it.each(['GET', 'PATCH'])('tells of a refused %s', async refused => {
    setUp.server.override = ({ method }) =>
      method === refused ? refusal(403, 'forbidden') : undefined;
    await commands.execute(CommandIDs.toggleAutolog);
    expect(setUp.server.preferences).toEqual({ autolog: false });
    expect(told()).toEqual(['error']);
  });
});
