import { refusal, until } from '../../contract/__tests__/in_memory_server';
import { ALPHA, inspection, OpenForm, spec, TOKEN } from './open_form';

let form: OpenForm;
let { server, store, show, lastBody } = {} as OpenForm;
beforeEach(() => {
  form = new OpenForm();
  ({ server, store, show, lastBody } = form);
  server.inspections.set(
    'a.ipynb',
    inspection('a.ipynb', [ALPHA, spec('epochs', 5, { type: 'int' }), TOKEN], {
      last_used: { epochs: 9 }
    })
  );
  server.inspections.set('b.ipynb', inspection('b.ipynb', [ALPHA]));
});
afterEach(() => store.dispose());

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
    form.defaults = { ...form.defaults, outputFolder: 'out' };
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
        ? refusal(
            400,
            'invalid_parameter',
            'parameters.alpha',
            'Not that much.'
          )
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
    await form.save(
      'a.ipynb',
      spec('alpha', 0.2),
      spec('epochs', 6, { type: 'int' }),
      spec('depth', 3, { type: 'int' })
    );
    expect(['alpha', 'epochs', 'depth'].map(key => store.field(key))).toEqual([
      '0.5',
      '6',
      '3'
    ]);
  });

  it('shows the notebook in front even when an older one answers later', async () => {
    let release = (): void => undefined;
    server.delay = call =>
      call.query.get('path') === 'a.ipynb'
        ? new Promise(resolve => {
            release = resolve;
          })
        : Promise.resolve();
    form.turnTo('a.ipynb');
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
