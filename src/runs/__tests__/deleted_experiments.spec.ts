import { Dialog, Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';

import { aRun, until } from '../../contract/__tests__/in_memory_server';
import { type ISetUp, setUpShared } from '../../state/__tests__/shared';
import { RunActions } from '../run_actions';

describe('emptying a trash with experiments in it', () => {
  let setUp: ISetUp;
  let actions: RunActions;

  beforeEach(() => {
    Notification.dismiss();
    setUp = setUpShared();
    setUp.server.deletedExperiments = 1;
    actions = new RunActions(
      setUp.shared,
      new CommandRegistry(),
      nullTranslator.load('jupyter_mlops')
    );
  });
  afterEach(() => {
    Dialog.flush();
    setUp.dispose();
  });

  /** Wait for the question, answer yes, and return its text. */
  const agree = async (): Promise<string> => {
    await until(() => document.querySelector('.jp-Dialog') !== null);
    const text = document.querySelector('.jp-Dialog')?.textContent ?? '';
    const buttons = [...document.querySelectorAll('.jp-Dialog button')];
    const yes = buttons.find(
      ({ textContent }) => textContent === 'Delete Permanently'
    );
    (yes as HTMLElement).click();
    return text;
  };
  const told = (): string[] =>
    Notification.manager.notifications.map(({ message }) => message);

  it('speaks of them beside the runs', async () => {
    setUp.server.runs.push(aRun({ run_id: 'bin', deleted_at: 1 }));
    const emptying = actions.emptyTrash();
    const question = await agree();
    await emptying;
    expect(question).toContain('1 run will be deleted');
    expect(question).toContain('models that were deleted go for good, too.');
    expect(told()).toEqual(['1 run was deleted permanently; 1 kB came free.']);
  });

  it('speaks of them alone when there is no run', async () => {
    const emptying = actions.emptyTrash();
    const question = await agree();
    await emptying;
    expect(question).toContain('models that were deleted go for good. ');
    expect(question).not.toContain('0 runs');
    expect(told()).toEqual([
      'The experiments and models in the trash were deleted permanently.'
    ]);
  });

  it('tells when nothing of it could go', async () => {
    const body = { runs: 0, bytes_freed: 0, remaining: 0 };
    setUp.server.override = ({ path }) =>
      path === 'trash/empty'
        ? { status: 200, body: { ...body, experiments: 0, logged_models: 0 } }
        : undefined;
    const emptying = actions.emptyTrash();
    await agree();
    await emptying;
    expect(told()).toEqual([
      'Nothing could be deleted: what is left in the trash is needed elsewhere.'
    ]);
  });
});
