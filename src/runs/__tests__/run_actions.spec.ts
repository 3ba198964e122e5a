import { Dialog, Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';

import {
  aRun,
  refusal,
  until
} from '../../contract/__tests__/in_memory_server';
import { CommandIDs } from '../../contract/command_ids';
import { type ISetUp, setUpShared } from '../../state/__tests__/shared';
import { LINK_IN_ADDRESS, runLink } from '../../state/run_link';
import { RunActions } from '../run_actions';

let setUp: ISetUp;
let commands: CommandRegistry;
let actions: RunActions;

beforeEach(async () => {
  Notification.dismiss();
  setUp = setUpShared();
  setUp.server.runs.push(
    aRun({ run_id: 'on', status: 'RUNNING' }),
    aRun({ run_id: 'off' }),
    aRun({ run_id: 'kept', status: 'RUNNING', source_type: 'client' })
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

  it('delete what a client keeps, which they cannot cancel', async () => {
    await actions.cancel(['kept']);
    expect(requests()).toEqual([]);
    await actions.trash(['kept']);
    expect(requests()).toEqual(['DELETE runs/kept']);
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
    const [notice] = Notification.manager.notifications;
    expect(notice?.message).toBe('1 run is in the trash now.');
    notice?.options.actions?.[0]?.callback(new MouseEvent('click'));
    expect(restored).toEqual([{ run_ids: ['off'] }]);
  });

  it('leave a run that the list does not hold to the server, and say its refusal once', async () => {
    await actions.cancel(['gone', 'lost']);
    expect(requests()).toHaveLength(2);
    expect(
      Notification.manager.notifications.map(({ message }) => message)
    ).toEqual(['It did not work.']);
  });

  it('leave a run that changed while nobody looked at the list to the server', async () => {
    const { runs } = setUp.shared;
    setUp.server.change('off', { deleted_at: 1 }, 'run.deleted');
    await setUp.follow();
    expect(runs.get('off')?.deleted_at).toBeNull();
    expect(runs.fresh('off')).toBeNull();
    expect(runs.fresh('on')).not.toBeNull();
    const purged = actions.purge(['off']);
    await until(() => document.querySelector('.jp-Dialog') !== null);
    document.querySelector<HTMLElement>('.jp-Dialog .jp-mod-warn')?.click();
    await purged;
    expect(requests()).toEqual(['POST runs/off/purge']);
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

describe('a click', () => {
  const reruns = (): (string | undefined)[] =>
    setUp.server
      .callsTo('runs/off/rerun')
      .map(({ headers }) => headers.get('idempotency-key'));

  it('that is doubled makes one run, and the next one another', async () => {
    const { pending } = setUp.shared;
    const first = actions.rerun(['off']);
    expect(pending.has('rerun', 'off')).toBe(true);
    await Promise.all([first, actions.rerun(['off'])]);
    await actions.rerun(['off']);
    expect(reruns()).toHaveLength(1);
    await until(() => !pending.has('rerun', 'off'));
    await actions.rerun(['off']);
    expect(new Set(reruns()).size).toBe(2);
  });

  it('whose answer was lost is asked again as the same request', async () => {
    setUp.server.override = ({ path }) =>
      path === 'runs/off/rerun' ? { status: 502, body: '' } : undefined;
    await actions.rerun(['off']);
    await until(() => !setUp.shared.pending.has('rerun', 'off'));
    setUp.server.override = null;
    await actions.rerun(['off']);
    const keys = reruns();
    expect(keys).toHaveLength(2);
    expect(keys[0]).toBeTruthy();
    expect(keys[1]).toBe(keys[0]);
  });

  it('on Cancel counts until the server answers, and once', async () => {
    const { pending, runs } = setUp.shared;
    const first = actions.cancel(['on']);
    expect(pending.has('cancel', 'on')).toBe(true);
    await Promise.all([first, actions.cancel(['on'])]);
    expect(requests()).toEqual(['POST runs/on/cancel']);
    expect(pending.has('cancel', 'on')).toBe(false);
    expect(runs.get('on')?.cancel_requested).toBe(true);
  });

  it('on Cancel may be repeated when it was refused', async () => {
    setUp.server.override = ({ method }) =>
      method === 'POST' ? refusal(503, 'unavailable') : undefined;
    await actions.cancel(['on']);
    expect(setUp.shared.pending.has('cancel', 'on')).toBe(false);
  });

  it.each([
    ['copyId', 'The ID of the run is copied.'],
    ['copyLink', 'The link to the run is copied.']
  ] as const)('on %s is confirmed', async (action, message) => {
    // jsdom has no clipboard.
    document.execCommand = () => true;
    await actions[action](['off']);
    expect(Notification.manager.notifications[0]?.message).toBe(message);
  });
});

/** Press the button of the notification while the request of this number is under way. */
function stopDuring(number: number): void {
  setUp.server.delay = () => {
    if (requests().length === number) {
      const notice = Notification.manager.notifications.find(
        ({ type }) => type === 'in-progress'
      );
      const [stop] = notice?.options.actions ?? [];
      expect(stop?.label).toBe('Stop');
      stop?.callback(new MouseEvent('click'));
    }
    return Promise.resolve();
  };
}

describe('an action on many runs', () => {
  it('tells how far it is, and draws the list a few times, not once for each', async () => {
    const ids = Array.from({ length: 40 }, (_, index) => `many${index}`);
    setUp.server.runs.push(...ids.map(run_id => aRun({ run_id })));
    const { runs } = setUp.shared;
    await runs.reload();
    const said = new Set<string>();
    Notification.manager.changed.connect((_, { notification }) => {
      said.add(`${notification.type}: ${notification.message}`);
    });
    let drawings = 0;
    runs.changed.connect(() => {
      drawings += 1;
    });
    setUp.server.delay = () => new Promise(resolve => setTimeout(resolve, 10));
    await actions.trash(ids);
    expect(requests()).toHaveLength(40);
    expect(said).toContain('in-progress: Deleting runs: 0 of 40');
    expect(
      [...said].some(text => /Deleting runs: [1-9]\d* of 40/.test(text))
    ).toBe(true);
    expect(drawings).toBeLessThan(10);
    expect(
      Notification.manager.notifications.map(({ message }) => message)
    ).toEqual(['40 runs are in the trash now.']);
  });

  it('can be stopped: what is done stays, and how many that are is said', async () => {
    const ids = Array.from({ length: 40 }, (_, index) => `many${index}`);
    setUp.server.runs.push(...ids.map(run_id => aRun({ run_id })));
    await setUp.shared.runs.reload();
    stopDuring(3);
    await actions.trash(ids);
    expect(requests()).toHaveLength(3);
    const { runs } = setUp.shared;
    expect(ids.filter(id => runs.get(id) === null)).toHaveLength(3);
    expect(
      Notification.manager.notifications.map(({ message }) => message)
    ).toEqual([
      '3 runs are in the trash now.',
      'Stopped: 3 of 40 runs are done, the others are as they were.'
    ]);
  });

  it('that is stopped leaves the other runs as if nobody had asked', async () => {
    const ids = Array.from({ length: 9 }, (_, index) => `many${index}`);
    setUp.server.runs.push(
      ...ids.map(run_id => aRun({ run_id, status: 'RUNNING' }))
    );
    await setUp.shared.runs.reload();
    stopDuring(2);
    const cancelling = actions.cancel(ids);
    const isPending = (): boolean[] =>
      ids.map(id => setUp.shared.pending.has('cancel', id));
    expect(isPending()).not.toContain(false);
    await cancelling;
    expect(isPending()).not.toContain(true);
    expect(
      ids.filter(id => setUp.shared.runs.get(id)?.cancel_requested)
    ).toHaveLength(2);
  });

  it('says why active runs are not deleted, and offers what helps', async () => {
    const cancelled: unknown[] = [];
    commands.addCommand(CommandIDs.cancelRuns, {
      execute: args => {
        cancelled.push(args);
      }
    });
    await actions.trash(['on']);
    expect(requests()).toEqual([]);
    const [notice] = Notification.manager.notifications;
    expect(notice?.message).toMatch(/1 run is not deleted/);
    notice?.options.actions?.[0]?.callback(new MouseEvent('click'));
    expect(cancelled).toEqual([{ run_ids: ['on'] }]);
  });
});

describe('deleting for good', () => {
  const question = (): HTMLElement | null =>
    document.querySelector('.jp-Dialog');
  const asked = (text: string): Promise<void> =>
    until(() => question()?.textContent?.includes(text) ?? false);
  const answer = async (label: string): Promise<void> => {
    await asked(label);
    const buttons = [...document.querySelectorAll('.jp-Dialog button')];
    const button = buttons.find(({ textContent }) => textContent === label);
    (button as HTMLElement).click();
  };
  const told = (): string[] =>
    Notification.manager.notifications.map(({ message }) => message);

  beforeEach(async () => {
    setUp.server.runs.push(
      aRun({ run_id: 'bin1', name: 'old one', deleted_at: 1 }),
      aRun({ run_id: 'bin2', deleted_at: 2 }),
      aRun({ run_id: 'bin3', deleted_at: 3 })
    );
    setUp.shared.runs.setFilter({ deleted: true });
    await until(() => !setUp.shared.runs.isLoading);
  });
  afterEach(() => Dialog.flush());

  it('asks first, and says what goes and that it does not come back', async () => {
    const purging = actions.purge(['bin1']);
    await asked('Delete “old one” permanently?');
    await asked('cannot be undone');
    await answer('Cancel');
    await purging;
    expect(requests()).toEqual([]);
    expect(told()).toEqual([]);
  });

  it('does not take a hasty Enter for a yes', async () => {
    const purging = actions.purge(['bin1']);
    await until(() => document.activeElement?.textContent === 'Cancel');
    // As a browser does when Enter is pressed on a button.
    (document.activeElement as HTMLElement).click();
    await purging;
    expect(requests()).toEqual([]);
    expect(question()).toBeNull();
  });

  it('takes those in the trash away at once, and says what came free', async () => {
    const purging = actions.purge(['bin1', 'bin2']);
    await asked('Delete 2 runs permanently?');
    await answer('Delete Permanently');
    await purging;
    expect(requests()).toEqual([
      'POST runs/bin1/purge',
      'POST runs/bin2/purge'
    ]);
    expect(setUp.shared.runs.runs.map(({ run_id }) => run_id)).toEqual([
      'bin3'
    ]);
    expect(told()).toEqual([
      '2 runs were deleted permanently; 2 kB came free.'
    ]);
  });

  it('says why a run cannot go, and leaves it', async () => {
    const purging = actions.purge(['off']);
    await answer('Delete Permanently');
    await purging;
    expect(told()).toEqual(['It did not work.']);
  });

  it('empties the trash with as many requests as it takes', async () => {
    setUp.server.purgedAtOnce = 2;
    // The question counts all of them, whatever the list is filtered by.
    setUp.shared.runs.setLive(true);
    setUp.shared.runs.setFilter({ search: 'old one' });
    const emptying = actions.emptyTrash();
    await asked('3 runs will be deleted');
    await answer('Delete Permanently');
    await emptying;
    expect(requests()).toEqual(['POST trash/empty', 'POST trash/empty']);
    await until(() => setUp.shared.runs.total === 0);
    expect(told()).toEqual([
      '3 runs were deleted permanently; 3 kB came free.'
    ]);
  });

  it('stops emptying the trash between two requests', async () => {
    setUp.server.purgedAtOnce = 1;
    stopDuring(2);
    const emptying = actions.emptyTrash();
    await answer('Delete Permanently');
    await emptying;
    expect(requests()).toEqual(['POST trash/empty', 'POST trash/empty']);
    expect(told()).toEqual([
      'Stopped: 2 of 3 runs are done, the others are as they were.',
      '2 runs were deleted permanently; 2 kB came free.'
    ]);
  });

  it('asks nothing about an empty trash', async () => {
    setUp.server.runs = [];
    await actions.emptyTrash();
    expect(question()).toBeNull();
    expect(told()).toEqual(['The trash is empty.']);
  });

  it('says why the trash could not be emptied', async () => {
    setUp.server.override = ({ path }) =>
      path === 'trash/empty' ? refusal(503, 'unavailable') : undefined;
    const emptying = actions.emptyTrash();
    await answer('Delete Permanently');
    await emptying;
    expect(told()).toHaveLength(1);
    expect(told()[0]).toContain('It did not work.');
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
    expect(LINK_IN_ADDRESS.exec(link.search)?.[1]).toBe(RUN);
    expect(LINK_IN_ADDRESS.test(`?mlops-run=${RUN}0`)).toBe(false);
    expect(LINK_IN_ADDRESS.test('?mlops-run=../../x')).toBe(false);
  });
});
