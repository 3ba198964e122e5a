import { aRun, refusal } from '../../contract/__tests__/in_memory_server';
import { ALPHA, inspection, OpenForm } from './open_form';

const RUN_ID = 'e'.repeat(32);
let form: OpenForm;
let { server, store, show, lastBody } = {} as OpenForm;
beforeEach(() => {
  form = new OpenForm();
  ({ server, store, show, lastBody } = form);
  server.inspections.set('a.ipynb', inspection('a.ipynb', [ALPHA]));
});
afterEach(() => store.dispose());

describe('the form of a notebook whose parameters are not known', () => {
  const rows = (): [string, string][] =>
    (store.rows ?? []).map(({ key, value }) => [key, value]);
  const fill = (...values: [string, string][]): void => {
    values.forEach(([key, value]) => {
      store.addRow();
      const id = store.rows?.at(-1)?.id ?? -1;
      store.setRow({ id, key, value });
    });
  };
  beforeEach(async () => {
    server.inspections.set(
      'r.ipynb',
      inspection('r.ipynb', [], {
        language: 'r',
        reads_parameters: false,
        last_used: { depth: 3, kind: '3' }
      })
    );
    await show('r.ipynb');
  });

  it('takes values by their keys, as the command line does', async () => {
    for (const { id } of store.rows ?? []) {
      store.removeRow(id);
    }
    fill(
      ['alpha', '0.1'],
      ['flag', 'False'],
      ['text', 'a b'],
      ['digits', '"7"'],
      ['', '']
    );
    await store.submit();
    expect(lastBody().parameters).toEqual({
      alpha: 0.1,
      flag: false,
      text: 'a b',
      digits: '7'
    });
  });

  it('comes with the values used last', async () => {
    expect(rows()).toEqual([
      ['depth', '3'],
      ['kind', '"3"']
    ]);
    await store.submit();
    expect(lastBody().parameters).toEqual({ depth: 3, kind: '3' });
  });

  it('says what is wrong at the row', async () => {
    fill(['depth', '4'], ['', '5'], ['blank', '']);
    expect(await store.submit()).toBeNull();
    expect(store.errors.rows).toEqual({
      2: 'There is a parameter of this key already.',
      3: 'A key is needed.',
      4: 'A value is needed; "" is empty text.'
    });
    server.override = call =>
      call.method === 'POST'
        ? refusal(400, 'invalid_parameter', 'parameters.kind', 'No.')
        : undefined;
    for (const id of [2, 3, 4]) {
      store.removeRow(id);
    }
    await store.submit();
    expect(store.errors.rows).toEqual({ 1: 'No.' });
  });

  it('forgets what the server takes for a secret', async () => {
    fill(['api_key', 'hush']);
    server.override = call =>
      call.method === 'POST'
        ? {
            status: 202,
            body: aRun({
              run_id: RUN_ID,
              parameters: [
                {
                  key: 'api_key',
                  value: '***',
                  type: 'str',
                  secret: true,
                  origin: 'given'
                }
              ]
            })
          }
        : undefined;
    await store.submit();
    expect(rows().at(-1)).toEqual(['api_key', '']);
  });

  it('is none once the notebook declares its parameters', async () => {
    await show('a.ipynb');
    expect(store.rows).toBeNull();
  });
});
