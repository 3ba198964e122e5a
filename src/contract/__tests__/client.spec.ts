import { ApiError } from '../errors';
import { queryString } from '../client';
import { BASE, InMemoryServer, refusal } from './in_memory_server';

interface IOperation {
  parameters?: { in: string; name: string }[];
}
const contract = jest.requireActual<{
  paths: Record<string, Record<string, IOperation>>;
}>('../../../contract/openapi.json');

function operations(): Map<string, IOperation> {
  return new Map(
    Object.entries(contract.paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([method]) =>
          ['get', 'post', 'put', 'patch', 'delete'].includes(method)
        )
        .map(([method, operation]): [string, IOperation] => [
          `${method.toUpperCase()} ${path}`,
          operation
        ])
    )
  );
}

/** The operation that a call belongs to, by the path's fixed parts. */
function operationOf(call: { method: string; path: string }): string {
  const name = [...operations().keys()]
    .filter(key => {
      const [method, template = ''] = key.split(' ');
      const pattern = template.replace(/\{[^}]+\}/g, '[^/]+');
      return (
        method === call.method &&
        new RegExp(`^${pattern}$`).test(`/${call.path}`)
      );
    })
    .sort((one, two) => one.split('{').length - two.split('{').length)[0];
  return name ?? `none: ${call.method} ${call.path}`;
}

async function failure(call: Promise<unknown>): Promise<ApiError> {
  try {
    await call;
  } catch (reason) {
    if (reason instanceof ApiError) {
      return reason;
    }
  }
  throw new Error('the call did not fail as it should');
}

describe('the API client', () => {
  it('has a call for every operation of the contract, and none beside', async () => {
    const server = new InMemoryServer();
    server.override = () => ({ status: 200, body: { parameters: [] } });
    const { api } = server;
    await api.status();
    await api.events(3, 10);
    await api.experiments();
    await api.createExperiment({ name: 'wine' });
    await api.createRun({ notebook: 'a.ipynb' }, 'key');
    await api.runs({
      experiment_id: 1,
      status: ['FAILED', 'KILLED'],
      notebook: 'a.ipynb',
      q: 'x',
      parent: 'p',
      deleted: true,
      cursor: 'c',
      limit: 5
    });
    await api.run('r');
    await api.changeRun('r', { name: 'n' }, 7);
    await api.cancelRun('r');
    await api.rerun('r');
    await api.trashRun('r');
    await api.restoreRun('r');
    await api.purgeRun('r');
    await api.trash();
    await api.emptyTrash();
    await api.setTag('r', 'k', 'v');
    await api.removeTag('r', 'k');
    await api.metricHistory('r', 'loss', 100);
    await api.cells('r');
    await api.environment('r');
    await api.log('r', -1, 1000);
    await api.notebook('r', 'executed');
    await api.artifacts('r');
    await api.artifactContent('r', 'plots/a.png');
    await api.inspectNotebook('a b.ipynb');
    await api.inspectRunSource('r');
    await api.preferences();
    await api.changePreferences({ autolog: true });
    await api.kernels();
    await api.checkKernel('python3');

    const known = operations();
    const called = server.calls.map(operationOf);
    expect(new Set(called)).toEqual(new Set(known.keys()));
    for (const call of server.calls) {
      const names = known
        .get(operationOf(call))
        ?.parameters?.filter(parameter => parameter.in === 'query')
        .map(({ name }) => name);
      expect(names ?? []).toEqual(
        expect.arrayContaining([...call.query.keys()])
      );
    }
  });

  it('keeps below the prefix of the server', () => {
    const { api } = new InMemoryServer();
    expect(api.notebookUrl('r', 'source')).toBe(
      `${BASE}mlops/api/runs/r/notebook?kind=source`
    );
    expect(api.artifactUrl('r', 'a b.png')).toBe(
      `${BASE}mlops/api/runs/r/artifacts/content?path=a+b.png`
    );
  });

  it('repeats a filter for each of its values and leaves unset ones out', () => {
    expect(queryString({ status: ['A', 'B'], q: undefined, limit: 0 })).toBe(
      '?status=A&status=B&limit=0'
    );
    expect(queryString({})).toBe('');
  });

  it('says which version it changes', async () => {
    const server = new InMemoryServer();
    server.override = () => ({ status: 200, body: { parameters: [] } });
    await server.api.changeRun('r', { note: 'x' }, 7);
    expect(server.calls[0]?.headers.get('if-match')).toBe('"7"');
  });

  it('tells a refusal by its code and its field', async () => {
    const server = new InMemoryServer();
    server.override = () =>
      refusal(400, 'invalid_parameter', 'parameters.alpha', 'alpha is a number.');
    const error = await failure(server.api.createRun({ notebook: 'a.ipynb' }));
    expect(error).toMatchObject({
      kind: 'refused',
      code: 'invalid_parameter',
      field: 'parameters.alpha',
      status: 400,
      message: 'alpha is a number.'
    });
  });

  it('tells a missing server part from a missing run', async () => {
    const server = new InMemoryServer();
    expect((await failure(server.api.run('gone'))).kind).toBe('refused');
    server.override = () => ({ status: 404, body: '<html>Not Found</html>' });
    expect((await failure(server.api.run('gone'))).kind).toBe('missing');
  });

  it('takes silence, and a gateway that answers for the server, as unreachable', async () => {
    const server = new InMemoryServer();
    for (const answer of [
      { status: 502, body: 'Bad Gateway' },
      // JupyterHub, for a user whose server is stopped.
      { status: 424, body: { message: 'Failed Dependency', status: 424 } }
    ]) {
      server.override = () => answer;
      expect((await failure(server.api.status())).kind).toBe('unreachable');
    }
    server.isReachable = false;
    expect((await failure(server.api.status())).kind).toBe('unreachable');
  });

  it('answers null for a notebook that did not change', async () => {
    const server = new InMemoryServer();
    server.override = call =>
      call.headers.get('if-none-match') === '"a"'
        ? { status: 304, body: '' }
        : { status: 200, body: { cells: [] }, headers: { ETag: '"a"' } };
    const first = await server.api.notebook('r', 'executed');
    expect(first).toEqual({ content: { cells: [] }, etag: '"a"' });
    expect(await server.api.notebook('r', 'executed', first?.etag)).toBeNull();
  });
});
