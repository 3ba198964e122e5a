import { aRun } from '../../contract/__tests__/in_memory_server';
import type { Parameter, ParameterSpec } from '../../contract/types';
import { ALPHA, inspection, OpenForm, spec, TOKEN } from './open_form';

let form: OpenForm;
let { server, store, show, lastBody } = {} as OpenForm;
beforeEach(() => {
  form = new OpenForm();
  ({ server, store, show, lastBody } = form);
});
afterEach(() => store.dispose());

describe('the form of a cloned run', () => {
  const RUN = 'f'.repeat(32);
  const given = (
    key: string,
    value: unknown,
    change: Partial<Parameter> = {}
  ): Parameter => ({
    key,
    value,
    type: 'float',
    secret: false,
    origin: 'given',
    ...change
  });
  beforeEach(() => {
    server.runs.push(
      aRun({
        run_id: RUN,
        notebook: 'a.ipynb',
        parameters: [
          given('alpha', 0.9),
          given('token', '***', { type: 'str', secret: true })
        ]
      })
    );
    server.sourceInspections.set(
      RUN,
      inspection(
        'a.ipynb',
        [ALPHA, spec('epochs', 10, { type: 'int' }), TOKEN],
        { last_used: { alpha: 0.9 } }
      )
    );
    // The file was changed since: another default, and a parameter that the run cannot be given.
    server.inspections.set(
      'a.ipynb',
      inspection('a.ipynb', [
        ALPHA,
        spec('epochs', 50, { type: 'int' }),
        spec('added', null, { required: true })
      ])
    );
  });

  const find = (key: string): ParameterSpec => {
    const found = store.specs.find(item => item.key === key);
    if (!found) {
      throw new Error(key);
    }
    return found;
  };

  it('shows what the run will have, whatever the file says by now', async () => {
    await show('a.ipynb', RUN);
    expect(store.specs.map(({ key }) => [key, store.field(key)])).toEqual([
      ['alpha', '0.9'],
      ['epochs', '10'],
      ['token', '']
    ]);
    store.setField(find('token'), 'hush');
    expect(await store.submit()).not.toBeNull();
    expect(lastBody()).toEqual({ name: null, parameters: { token: 'hush' } });
  });

  it('does not follow the file when that is saved', async () => {
    await show('a.ipynb', RUN);
    const before = server.calls.length;
    form.target.saved.emit();
    expect(store.isLoading).toBe(false);
    expect(server.calls).toHaveLength(before);
  });

  it('needs the secrets of the run again', async () => {
    await show('a.ipynb', RUN);
    expect(await store.submit()).toBeNull();
    expect(store.errors.parameters).toEqual({
      token: 'A value is needed: secrets are not stored.'
    });
  });

  it('repeats the recorded notebook with the changed values', async () => {
    await show('a.ipynb', RUN);
    store.setField(find('alpha'), '0.1');
    store.setField(find('token'), 'hush');
    await store.submit();
    expect(server.calls.at(-1)?.path).toBe(`runs/${RUN}/rerun`);
    expect(lastBody()).toEqual({
      name: null,
      parameters: { alpha: 0.1, token: 'hush' }
    });
  });

  it('works when the notebook is gone', async () => {
    server.inspections.clear();
    await show('a.ipynb', RUN);
    expect(store.loadError).toBeNull();
    expect(store.field('epochs')).toBe('10');
  });

  it('says why a run cannot be repeated', async () => {
    server.sourceInspections.clear();
    await show('a.ipynb', RUN);
    expect(store.loadError).not.toBeNull();
    expect(await store.submit()).toBeNull();
  });
});
