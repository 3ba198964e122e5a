import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';

import {
  InMemoryServer,
  until
} from '../../contract/__tests__/in_memory_server';
import type { NotebookInspection } from '../../contract/types';
import { NO_DEFAULTS } from '../form_options';
import { RunFormStore } from '../run_form_store';
import type { IRenaming, IRunTarget } from '../run_target';
import { aForm, aSpec } from './forms';

const ALPHA = aSpec();

function inspection(path: string, digest: string): NotebookInspection {
  return aForm([ALPHA], { path, digest });
}

class Target {
  readonly changed = new Signal<IRunTarget, void>(this as never);
  readonly saved = new Signal<IRunTarget, void>(this as never);
  readonly renamed = new Signal<IRunTarget, IRenaming>(this as never);
  path = 'a.ipynb';
  clonedRun = null;
}

let server: InMemoryServer;
let target: Target;
let store: RunFormStore;
beforeEach(async () => {
  server = new InMemoryServer();
  for (const path of ['a.ipynb', 'b.ipynb']) {
    server.inspections.set(path, inspection(path, path));
  }
  target = new Target();
  store = new RunFormStore({
    api: server.api,
    target: target as unknown as IRunTarget,
    defaults: () => NO_DEFAULTS,
    trans: nullTranslator.load('jupyter_mlops')
  });
  await until(() => !store.isLoading);
  server.override = ({ method }) =>
    method === 'POST' ? { status: 504, body: '' } : undefined;
  await store.submit();
});
afterEach(() => store.dispose());

/** The keys of the unanswered request and of the one after it. */
async function repeat(): Promise<Set<string | undefined>> {
  server.override = null;
  expect(await store.submit()).not.toBeNull();
  const sent = server.calls.filter(({ method }) => method === 'POST');
  expect(sent).toHaveLength(2);
  return new Set(sent.map(({ headers }) => headers.get('idempotency-key')));
}

describe('a request that was not answered', () => {
  it('is repeated under its key', async () => {
    target.saved.emit();
    await until(() => !store.isLoading);
    expect((await repeat()).size).toBe(1);
  });

  it.each<[string, () => void]>([
    ['a value is edited', () => store.setField(ALPHA, '0.5')],
    ['an option is edited', () => store.setOption('name', 'again')],
    ['the values are put back', () => store.reset()],
    [
      'the notebook is saved with changes',
      () => {
        server.inspections.set('a.ipynb', inspection('a.ipynb', 'other'));
        target.saved.emit();
      }
    ],
    [
      'another notebook is in front',
      () => {
        target.path = 'b.ipynb';
        target.changed.emit();
      }
    ]
  ])('is another one once %s', async (_, edit) => {
    edit();
    await until(() => !store.isLoading);
    expect((await repeat()).size).toBe(2);
  });
});
