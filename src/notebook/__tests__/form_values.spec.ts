import type { ParameterSpec } from '../../contract/types';
import { ALPHA, inspection, OpenForm, spec, TOKEN } from './open_form';

let form: OpenForm;
let { server, store, show, lastBody } = {} as OpenForm;
beforeEach(() => {
  form = new OpenForm();
  ({ server, store, show, lastBody } = form);
  server.inspections.set('b.ipynb', inspection('b.ipynb', [ALPHA]));
});
afterEach(() => store.dispose());

describe('the Run form', () => {
  it('drops what a changed parameter cannot hold any more', async () => {
    const change = (...specs: ParameterSpec[]): Promise<void> =>
      form.save('b.ipynb', ...specs);
    await show('b.ipynb');
    store.setField(ALPHA, '0.5');
    await change(spec('alpha', 5, { type: 'int' }));
    expect(store.field('alpha')).toBe('5');

    store.setField(ALPHA, '7');
    await change(spec('alpha', true, { type: 'bool' }));
    expect(store.field('alpha')).toBe(true);

    store.setField(ALPHA, false);
    await change(spec('alpha', 'x', { type: 'str', choices: ['x', 'y'] }));
    expect(store.field('alpha')).toBe('"x"');

    store.setField(ALPHA, '"y"');
    await change(spec('alpha', 'x', { type: 'str' }));
    expect(store.field('alpha')).toBe('y');

    await change(spec('alpha', 'x', { type: 'str', help: 'said now' }));
    expect(store.field('alpha')).toBe('y');

    store.setField(spec('alpha', 'x', { type: 'str' }), 'hush');
    await change(TOKEN);
    await change(ALPHA);
    expect(store.field('alpha')).toBe('0.1');
  });

  it('comes with the options used last', async () => {
    server.inspections.set(
      'c.ipynb',
      inspection('c.ipynb', [ALPHA], {
        last_experiment: 'wine',
        last_kernel_name: 'other',
        last_time_limit: 5400
      })
    );
    await show('c.ipynb');
    expect(store.options).toMatchObject({
      experiment: 'wine',
      kernelName: 'other',
      timeLimit: '90',
      timeUnit: 'min'
    });
    await store.submit();
    expect(lastBody()).toMatchObject({
      experiment: 'wine',
      kernel_name: 'other',
      time_limit: 5400
    });
  });

  it('leaves the notebook its kernel when it was run with that', async () => {
    server.inspections.set(
      'c.ipynb',
      inspection('c.ipynb', [ALPHA], { last_kernel_name: 'Python3' })
    );
    await show('c.ipynb');
    expect(store.options.kernelName).toBe('');
  });

  it('sends a None that the notebook does not have by itself', async () => {
    const computed = spec('depth', null, {
      type: 'int',
      nullable: true,
      default_known: false,
      source: 'compute()'
    });
    server.inspections.set('c.ipynb', inspection('c.ipynb', [computed]));
    await show('c.ipynb');
    expect(store.field('depth')).toBe('');
    await store.submit();
    expect(lastBody().parameters).toEqual({});
    store.setField(computed, null);
    await store.submit();
    expect(lastBody().parameters).toEqual({ depth: null });
  });

  it('changes no digit of what the notebook has, or had last', async () => {
    const big = '1152921504606846976';
    server.override = ({ method, path }) =>
      method === 'GET' && path === 'notebooks/parameters'
        ? {
            status: 200,
            body: JSON.stringify(
              inspection('c.ipynb', [
                spec('seed', 'BIG', { type: 'int' }),
                spec('id', 0, { type: 'int' })
              ])
            )
              .replace('"BIG"', big)
              .replace('"last_used":{}', '"last_used":{"id":9007199254740993}')
          }
        : undefined;
    await show('c.ipynb');
    expect(['seed', 'id'].map(key => store.field(key))).toEqual([
      big,
      '9007199254740993'
    ]);
    await store.submit();
    const sent = server.calls.at(-1);
    expect(sent?.text).toContain('"parameters": {"id": 9007199254740993}');
  });

  it('leaves autologging to what the user prefers, unless it says', async () => {
    await show('b.ipynb');
    await store.submit();
    expect(lastBody()['autolog']).toBeNull();
    store.setOption('autolog', false);
    await store.submit();
    expect(lastBody()['autolog']).toBe(false);
  });
});
