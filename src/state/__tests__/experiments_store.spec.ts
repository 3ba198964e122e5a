import { refusal, until } from '../../contract/__tests__/in_memory_server';
import { type ISetUp, setUpShared } from './shared';

let setUp: ISetUp;
beforeEach(async () => {
  setUp = setUpShared();
  setUp.server.experiments.push({
    experiment_id: 1,
    name: 'wine',
    description: '',
    created_at: 1,
    updated_at: 1,
    deleted_at: null,
    tags: [],
    run_count: 0,
    last_run_at: null
  });
  await setUp.follow();
});
afterEach(() => setUp.dispose());

function readings(): number {
  return setUp.server.callsTo('experiments').length;
}

describe('the experiments', () => {
  it('are read when they are first needed, once', async () => {
    const { experiments } = setUp.shared;
    expect(readings()).toBe(0);
    experiments.need();
    experiments.need();
    await until(() => experiments.experiments.length > 0);
    expect(readings()).toBe(1);
  });

  it('come by themselves when they could not be read at first', async () => {
    const { server, shared } = setUp;
    server.override = ({ path }) =>
      path === 'experiments' ? refusal(503, 'unavailable') : undefined;
    shared.experiments.need();
    await until(() => readings() === 1);
    server.override = null;
    await until(() => shared.experiments.experiments.length > 0);
    expect(readings()).toBe(2);
  });
});
