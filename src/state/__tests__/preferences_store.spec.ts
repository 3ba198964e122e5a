import { refusal, until } from '../../contract/__tests__/in_memory_server';
import { type ISetUp, setUpShared } from './shared';

let setUp: ISetUp;
beforeEach(async () => {
  setUp = setUpShared();
  await setUp.follow();
});
afterEach(() => setUp.dispose());

/** The preferences as a view that needs them sees them. */
async function known(): Promise<ISetUp['shared']['preferences']> {
  const { preferences } = setUp.shared;
  preferences.need();
  await until(() => preferences.now !== null);
  return preferences;
}

describe('the preferences', () => {
  it('are unknown until somebody needs them, and read once', async () => {
    expect(setUp.server.callsTo('preferences')).toHaveLength(0);
    const preferences = await known();
    preferences.need();
    expect(preferences.now).toEqual({ autolog: false });
    expect(setUp.server.callsTo('preferences')).toHaveLength(1);
  });

  it('show a change at once, and keep it', async () => {
    const preferences = await known();
    const changing = preferences.change({ autolog: true });
    expect(preferences.now).toEqual({ autolog: true });
    await changing;
    expect(preferences.now).toEqual({ autolog: true });
    expect(setUp.server.preferences).toEqual({ autolog: true });
  });

  it('are what they were when a change is refused', async () => {
    const preferences = await known();
    setUp.server.override = ({ method }) =>
      method === 'PATCH' ? refusal(403, 'forbidden') : undefined;
    await expect(preferences.change({ autolog: true })).rejects.toThrow();
    expect(preferences.now).toEqual({ autolog: false });
  });

  it('end as they were wished last, in whatever order answers come', async () => {
    const preferences = await known();
    let release: () => void = () => undefined;
    const held = new Promise<void>(resolve => (release = resolve));
    setUp.server.delay = ({ body }) =>
      (body as { autolog?: boolean } | undefined)?.autolog
        ? held
        : Promise.resolve();
    const first = preferences.change({ autolog: true });
    await preferences.change({ autolog: false });
    release();
    await first;
    expect(preferences.now).toEqual({ autolog: false });
  });

  it('follow what the same user changes elsewhere, and nobody else', async () => {
    const preferences = await known();
    setUp.server.preferences = { autolog: true };
    setUp.server.emit('preferences.changed', 'bob');
    await setUp.follow();
    expect(setUp.server.callsTo('preferences')).toHaveLength(1);
    setUp.server.emit('preferences.changed', 'ann');
    await setUp.follow();
    await until(() => preferences.now?.autolog === true);
  });
});
