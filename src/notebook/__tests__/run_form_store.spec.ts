import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';

import {
  aRun,
  InMemoryServer,
  refusal,
  until
} from '../../contract/__tests__/in_memory_server';
import type { NotebookInspection, ParameterSpec } from '../../contract/types';
import { type IFormDefaults, NO_DEFAULTS } from '../form_options';
import { RunFormStore } from '../run_form_store';
import type { IRunTarget } from '../run_target';

const trans = nullTranslator.load('jupyter_mlops');

function spec(
  name: string,
  value: unknown,
  change: Partial<ParameterSpec> = {}
): ParameterSpec {
  return {
    name,
    type: 'float',
    default: value,
    default_known: true,
    source: String(value),
    help: '',
    required: false,
    nullable: false,
    secret: false,
    choices: null,
    minimum: null,
    maximum: null,
    exclusive_minimum: false,
    exclusive_maximum: false,
    ...change
  };
}

function inspection(
  path: string,
  parameters: ParameterSpec[],
  change: Partial<NotebookInspection> = {}
): NotebookInspection {
  return {
    path,
    digest: 'sha256:0',
    language: 'python',
    kernel_name: 'python3',
    has_parameters_cell: true,
    reads_parameters: true,
    parameters,
    warnings: [],
    code_cells: 2,
    last_used: {},
    last_experiment: null,
    last_kernel_name: null,
    last_time_limit: null,
    default_experiment: 'Default',
    ...change
  };
}

/** The notebook that a form is for, as the test moves it. */
class Target {
  readonly changed = new Signal<IRunTarget, void>(this as never);
  readonly saved = new Signal<IRunTarget, void>(this as never);
  path: string | null = null;
  clonedRun: string | null = null;

  set(path: string | null, clonedRun: string | null = null): void {
    this.path = path;
    this.clonedRun = clonedRun;
    this.changed.emit();
  }
}

const ALPHA = spec('alpha', 0.1);
const TOKEN = spec('token', null, { type: 'str', secret: true });

let defaults: IFormDefaults;
let server: InMemoryServer;
let target: Target;
let store: RunFormStore;
beforeEach(() => {
  defaults = NO_DEFAULTS;
  server = new InMemoryServer();
  server.inspections.set(
    'a.ipynb',
    inspection('a.ipynb', [ALPHA, spec('epochs', 5, { type: 'int' }), TOKEN], {
      last_used: { epochs: 9 }
    })
  );
  server.inspections.set('b.ipynb', inspection('b.ipynb', [ALPHA]));
  target = new Target();
  store = new RunFormStore({
    api: server.api,
    target: target as unknown as IRunTarget,
    defaults: () => defaults,
    trans
  });
});
afterEach(() => store.dispose());

async function show(
  path: string,
  clonedRun: string | null = null
): Promise<void> {
  target.set(path, clonedRun);
  await until(() => !store.isLoading);
}

function lastBody(): Record<string, unknown> {
  const call = server.calls.filter(({ method }) => method === 'POST').at(-1);
  return (call?.body ?? {}) as Record<string, unknown>;
}

describe('the Run form', () => {
  it('comes with the values used last, and marks them', async () => {
    await show('a.ipynb');
    expect(store.field('epochs')).toBe('9');
    expect(store.specs.map(item => store.isChanged(item))).toEqual([
      false,
      true,
      false
    ]);
    store.reset();
    expect(store.field('epochs')).toBe('5');
  });

  it('sends only what differs from the notebook', async () => {
    await show('a.ipynb');
    store.setField(ALPHA, '0.5');
    store.reset();
    store.setField(ALPHA, '0.7');
    expect(await store.submit()).not.toBeNull();
    expect(lastBody()).toMatchObject({
      notebook: 'a.ipynb',
      parameters: { alpha: 0.7 }
    });
  });

  it('keeps what was typed for each notebook, but no secret', async () => {
    await show('a.ipynb');
    store.setField(ALPHA, '0.5');
    store.setField(TOKEN, 'hush');
    await show('b.ipynb');
    expect(store.field('alpha')).toBe('0.1');
    await show('a.ipynb');
    expect(store.field('alpha')).toBe('0.5');
    expect(store.field('token')).toBe('');
  });

  it('sends a secret once and forgets it', async () => {
    await show('a.ipynb');
    store.setField(TOKEN, 'hush');
    await store.submit();
    expect(lastBody()).toMatchObject({ parameters: { token: 'hush' } });
    expect(store.field('token')).toBe('');
    await store.submit();
    expect(lastBody().parameters).not.toHaveProperty('token');
  });

  it('sends nothing while a field is wrong, and says which', async () => {
    await show('a.ipynb');
    store.setField(ALPHA, 'much');
    expect(await store.submit()).toBeNull();
    expect(Object.keys(store.errors.parameters)).toEqual(['alpha']);
    expect(server.calls.some(({ method }) => method === 'POST')).toBe(false);
  });

  it('sends the folder that the settings propose, or the name that was typed', async () => {
    defaults = { ...NO_DEFAULTS, outputFolder: 'out' };
    await show('a.ipynb');
    expect(store.options.saveTo).toBe('out/a-executed.ipynb');
    expect(store.isCopyProposed).toBe(true);
    await store.submit();
    expect(lastBody()).toMatchObject({ save_to: null, save_to_folder: 'out' });
    store.setOption('saveTo', 'b.ipynb');
    expect(store.isCopyProposed).toBe(false);
    await store.submit();
    expect(lastBody()).toMatchObject({
      save_to: 'b.ipynb',
      save_to_folder: null
    });
  });

  it('says a refusal at the field that the server names', async () => {
    await show('a.ipynb');
    server.override = call =>
      call.method === 'POST'
        ? refusal(400, 'invalid_parameter', 'alpha', 'Not that much.')
        : undefined;
    await store.submit();
    expect(store.errors.parameters).toEqual({ alpha: 'Not that much.' });
    server.override = call =>
      call.method === 'POST'
        ? refusal(400, 'invalid_name', 'save_to', 'No such folder.')
        : undefined;
    await store.submit();
    expect(store.errors.options).toEqual({ saveTo: 'No such folder.' });
    server.override = call =>
      call.method === 'POST' ? refusal(503, 'unavailable') : undefined;
    await store.submit();
    expect(store.errors.form).toBe('It did not work. (1)');
  });

  it('asks for the same run again after silence, for another one after an answer', async () => {
    await show('a.ipynb');
    const keys = (): string[] =>
      server.calls
        .filter(({ method }) => method === 'POST')
        .map(({ headers }) => headers.get('idempotency-key') ?? '');
    server.override = call =>
      call.method === 'POST' ? { status: 504, body: '' } : undefined;
    await store.submit();
    server.override = null;
    await store.submit();
    await store.submit();
    const [first, second, third] = keys();
    expect(first).toBe(second);
    expect(third).not.toBe(second);
  });

  it('follows the notebook when it is saved, except where something was typed', async () => {
    await show('a.ipynb');
    store.reset();
    store.setField(ALPHA, '0.5');
    server.inspections.set(
      'a.ipynb',
      inspection('a.ipynb', [
        spec('alpha', 0.2),
        spec('epochs', 6, { type: 'int' }),
        spec('depth', 3, { type: 'int' })
      ])
    );
    target.saved.emit();
    await until(() => !store.isLoading);
    expect(['alpha', 'epochs', 'depth'].map(name => store.field(name))).toEqual(
      ['0.5', '6', '3']
    );
  });

  it('shows the notebook in front even when an older one answers later', async () => {
    let release = (): void => undefined;
    server.delay = call =>
      call.query.get('path') === 'a.ipynb'
        ? new Promise(resolve => {
            release = resolve;
          })
        : Promise.resolve();
    target.set('a.ipynb');
    await until(() => server.calls.length === 1);
    await show('b.ipynb');
    release();
    await new Promise(resolve => setTimeout(resolve, 5));
    expect(store.inspection?.path).toBe('b.ipynb');
  });

  it('says why a notebook cannot be read', async () => {
    await show('gone.ipynb');
    expect(store.loadError).not.toBeNull();
    expect(await store.submit()).toBeNull();
  });
});

describe('the form of a cloned run', () => {
  const RUN = 'f'.repeat(32);
  beforeEach(() => {
    server.runs.push(
      aRun({
        run_id: RUN,
        notebook: 'a.ipynb',
        parameters: [
          {
            key: 'alpha',
            value: 0.9,
            type: 'float',
            secret: false,
            origin: 'given'
          },
          {
            key: 'token',
            value: '***',
            type: 'str',
            secret: true,
            origin: 'given'
          },
          {
            key: 'old',
            value: [1],
            type: 'list',
            secret: false,
            origin: 'given'
          }
        ]
      })
    );
  });

  it('starts from what the run had, and needs its secrets again', async () => {
    await show('a.ipynb', RUN);
    expect(store.field('alpha')).toBe('0.9');
    expect(store.field('old')).toBe('[1]');
    expect(await store.submit()).toBeNull();
    expect(Object.keys(store.errors.parameters)).toEqual(['token']);
  });

  it('repeats the recorded notebook with the changed values', async () => {
    await show('a.ipynb', RUN);
    const find = (name: string): ParameterSpec => {
      const found = store.specs.find(item => item.name === name);
      if (!found) {
        throw new Error(name);
      }
      return found;
    };
    store.setField(find('alpha'), '0.8');
    store.setField(find('token'), 'hush');
    await store.submit();
    expect(server.calls.at(-1)?.path).toBe(`runs/${RUN}/rerun`);
    expect(lastBody()).toEqual({
      name: null,
      parameters: { alpha: 0.8, token: 'hush' }
    });
  });

  it('works when the notebook is gone', async () => {
    server.inspections.clear();
    await show('a.ipynb', RUN);
    expect(store.loadError).toBeNull();
    expect(store.specs.map(({ name }) => name)).toEqual([
      'alpha',
      'token',
      'old'
    ]);
  });
});
