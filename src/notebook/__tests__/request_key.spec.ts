import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';

import {
  InMemoryServer,
  until
} from '../../contract/__tests__/in_memory_server';
import type { NotebookInspection, ParameterSpec } from '../../contract/types';
import { NO_DEFAULTS } from '../form_options';
import { RunFormStore } from '../run_form_store';
import type { IRunTarget } from '../run_target';

const ALPHA: ParameterSpec = {
  name: 'alpha',
  type: 'float',
  default: 0.1,
  default_known: true,
  source: '0.1',
  help: '',
  required: false,
  nullable: false,
  secret: false,
  choices: null,
  minimum: null,
  maximum: null,
  exclusive_minimum: false,
  exclusive_maximum: false
};

function inspection(path: string, digest: string): NotebookInspection {
  return {
    path,
    digest,
    language: 'python',
    kernel_name: 'python3',
    has_parameters_cell: true,
    reads_parameters: true,
    parameters: [ALPHA],
    warnings: [],
    code_cells: 2,
    last_used: {},
    last_experiment: null,
    last_kernel_name: null,
    last_time_limit: null,
    default_experiment: 'Default'
  };
}

class Target {
  readonly changed = new Signal<IRunTarget, void>(this as never);
  readonly saved = new Signal<IRunTarget, void>(this as never);
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
