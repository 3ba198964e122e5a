import { refusal, until } from '../../contract/__tests__/in_memory_server';
import type { IFailedBehind } from '../run_form_store';
import { ALPHA, inspection, OpenForm, TOKEN } from './open_form';

let form: OpenForm;
let { server, store, show, lastBody } = {} as OpenForm;
beforeEach(async () => {
  form = new OpenForm();
  ({ server, store, show, lastBody } = form);
  for (const path of ['a.ipynb', 'b.ipynb']) {
    server.inspections.set(path, inspection(path, [ALPHA, TOKEN]));
  }
  await show('a.ipynb');
});
afterEach(() => store.dispose());

/** Hold back the answer to what is sent next. */
function holdBack(): () => void {
  let release = (): void => undefined;
  const held = new Promise<void>(resolve => {
    release = resolve;
  });
  server.delay = ({ method }) => (method === 'POST' ? held : Promise.resolve());
  return release;
}

const sent = (): number =>
  server.calls.filter(({ method }) => method === 'POST').length;

describe('while a notebook is saved for its run', () => {
  it('another one may come to the front: the run is still of the first, as it was filled', async () => {
    store.setField(ALPHA, '0.5');
    store.setField(TOKEN, 'hush');
    await store.submit(async () => {
      await show('b.ipynb');
      store.setField(ALPHA, '0.9');
      return true;
    });
    expect(sent()).toBe(1);
    expect(lastBody()).toMatchObject({
      notebook: 'a.ipynb',
      parameters: { alpha: 0.5, token: 'hush' }
    });
  });

  it('a second press starts no second run', async () => {
    let agree = (_: boolean): void => undefined;
    const first = store.submit(
      () =>
        new Promise(resolve => {
          agree = resolve;
        })
    );
    expect(store.isSubmitting).toBe(true);
    expect(await store.submit()).toBeNull();
    agree(true);
    expect(await first).not.toBeNull();
    expect(sent()).toBe(1);
  });

  it('somebody may think again: nothing is sent and nothing is lost', async () => {
    store.setField(TOKEN, 'hush');
    expect(await store.submit(() => Promise.resolve(false))).toBeNull();
    expect(sent()).toBe(0);
    expect(store.field('token')).toBe('hush');
    expect(store.isSubmitting).toBe(false);
  });

  it('its failure is said in the form', async () => {
    await store.submit(() => Promise.reject(new Error('The disk is full.')));
    expect(sent()).toBe(0);
    expect(store.errors.form).toBe('The disk is full.');
  });

  it('what is saved is another request than one without an answer', async () => {
    server.override = ({ method }) =>
      method === 'POST' ? { status: 504, body: '' } : undefined;
    await store.submit();
    server.override = null;
    await store.submit(() => {
      form.target.saved.emit();
      return Promise.resolve(true);
    });
    const keys = server.calls
      .filter(({ method }) => method === 'POST')
      .map(({ headers }) => headers.get('idempotency-key'));
    expect(new Set(keys).size).toBe(2);
  });
});

describe('an answer that comes when another notebook is in front', () => {
  it('leaves the form of that one alone', async () => {
    const release = holdBack();
    const submitted = store.submit();
    await until(() => sent() === 1);
    await show('b.ipynb');
    expect(store.isSubmitting).toBe(false);
    store.setField(TOKEN, 'of b');
    release();
    expect(await submitted).not.toBeNull();
    expect(store.lastRun).toBeNull();
    expect(store.field('token')).toBe('of b');
  });

  it('is told aside when it is a refusal', async () => {
    const told: IFailedBehind[] = [];
    store.failedBehind.connect((_, failed) => told.push(failed));
    server.override = ({ method }) =>
      method === 'POST'
        ? refusal(
            400,
            'invalid_parameter',
            'parameters.alpha',
            'Not that much.'
          )
        : undefined;
    const release = holdBack();
    const submitted = store.submit();
    await until(() => sent() === 1);
    await show('b.ipynb');
    release();
    expect(await submitted).toBeNull();
    expect(store.errors.isEmpty).toBe(true);
    expect(told.map(({ path }) => path)).toEqual(['a.ipynb']);
    await show('a.ipynb');
    expect(store.isSubmitting).toBe(false);
  });
});

describe('what was typed', () => {
  it('stays, secrets too, when the form is asked for once more', async () => {
    store.setField(ALPHA, '0.5');
    store.setField(TOKEN, 'hush');
    await show('a.ipynb');
    expect(store.field('token')).toBe('hush');
    expect(store.field('alpha')).toBe('0.5');
  });

  it('goes with a notebook that is renamed', async () => {
    store.setField(ALPHA, '0.5');
    store.setField(TOKEN, 'hush');
    server.inspections.set(
      'train.ipynb',
      inspection('train.ipynb', [ALPHA, TOKEN])
    );
    form.target.path = 'train.ipynb';
    form.target.renamed.emit({ from: 'a.ipynb', to: 'train.ipynb' });
    await show('train.ipynb');
    expect(['alpha', 'token'].map(key => store.field(key))).toEqual([
      '0.5',
      'hush'
    ]);
    await show('b.ipynb');
    await show('train.ipynb');
    expect(store.field('alpha')).toBe('0.5');
    // Another notebook of the old name starts with its own values.
    await show('a.ipynb');
    expect(store.field('alpha')).toBe('0.1');
  });

  it('is put back whole, secrets too', async () => {
    store.setField(TOKEN, 'hush');
    store.reset();
    expect(store.field('token')).toBe('');
  });
});
