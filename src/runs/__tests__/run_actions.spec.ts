import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';

import { aRun, until } from '../../contract/__tests__/in_memory_server';
import { CommandIDs } from '../../contract/command_ids';
import { type ISetUp, setUpShared } from '../../state/__tests__/shared';
import { RUN_IN_ADDRESS, runLink } from '../../state/run_link';
import { RunActions } from '../run_actions';

let setUp: ISetUp;
let commands: CommandRegistry;
let actions: RunActions;

beforeEach(async () => {
  Notification.dismiss();
  setUp = setUpShared();
  setUp.server.runs.push(
    aRun({ run_id: 'on', status: 'RUNNING' }),
    aRun({ run_id: 'off' })
  );
  commands = new CommandRegistry();
  actions = new RunActions(
    setUp.shared,
    commands,
    nullTranslator.load('jupyter_mlops')
  );
  await setUp.follow();
  setUp.shared.runs.need(0);
  await until(() => setUp.shared.runs.isLoaded);
});
afterEach(() => setUp.dispose());

function requests(): string[] {
  return setUp.server.calls
    .filter(({ method }) => method !== 'GET')
    .map(({ method, path }) => `${method} ${path}`);
}

describe('the actions on runs', () => {
  it('cancel only what is active, and show it at once', async () => {
    await actions.cancel(['on', 'off']);
    expect(requests()).toEqual(['POST runs/on/cancel']);
    expect(setUp.shared.runs.get('on')?.cancel_requested).toBe(true);
  });

  it('delete only what has ended, with a way back', async () => {
    const restored: unknown[] = [];
    commands.addCommand(CommandIDs.restoreRuns, {
      execute: args => {
        restored.push(args);
      }
    });
    await actions.trash(['on', 'off']);
    expect(requests()).toEqual(['DELETE runs/off']);
    expect(setUp.shared.runs.get('off')).toBeNull();
    Notification.manager.notifications[0]?.options.actions?.[0]?.callback(
      new MouseEvent('click')
    );
    expect(restored).toEqual([{ run_ids: ['off'] }]);
  });

  it('leave a run that the list does not hold to the server, and say its refusal once', async () => {
    await actions.cancel(['gone', 'lost']);
    expect(requests()).toHaveLength(2);
    expect(
      Notification.manager.notifications.map(({ message }) => message)
    ).toEqual(['It did not work.']);
  });

  it('follow a repeated run like any that was started here', async () => {
    const launched: string[] = [];
    setUp.shared.active.launched.connect((_, { run_id }) => {
      launched.push(run_id);
    });
    await actions.rerun(['off']);
    expect(launched).toHaveLength(1);
  });
});

describe('the address of a run', () => {
  const RUN = '0123456789abcdef0123456789abcdef';

  it('keeps the place of the application and nothing else', () => {
    expect(
      runLink('https://hub/user/ann/lab/tree/a.ipynb?token=secret#x', RUN)
    ).toBe(`https://hub/user/ann/lab/tree/a.ipynb?mlops-run=${RUN}`);
  });

  it('is known again by the router', () => {
    const link = new URL(runLink('https://hub/lab', RUN));
    expect(RUN_IN_ADDRESS.exec(link.search)?.[1]).toBe(RUN);
    expect(RUN_IN_ADDRESS.test(`?mlops-run=${RUN}0`)).toBe(false);
    expect(RUN_IN_ADDRESS.test('?mlops-run=../../x')).toBe(false);
  });
});
