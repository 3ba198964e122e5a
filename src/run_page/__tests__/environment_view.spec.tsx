import { act, fireEvent, render, screen } from '@testing-library/react';

import { ApiError } from '../../contract/errors';
import type { Environment, Run } from '../../contract/types';
import { EnvironmentView } from '../environment_view';
import { aRun, aStore, settled } from './parts';

const ENVIRONMENT: Environment = {
  kernel_name: 'python3',
  kernel_display_name: 'Python 3 (ipykernel)',
  language: 'python',
  language_version: '3.12.1',
  interpreter: '/opt/env/bin/python',
  platform: 'Linux-6.1',
  hostname: 'node7',
  cpu_model: 'EPYC',
  cpu_count: 8,
  memory_bytes: 16_000_000_000,
  git: {
    commit: '0123456789abcdef0123',
    branch: 'main',
    dirty: true,
    remote: 'https://example.org/repository.git'
  },
  packages_digest: null,
  packages: [
    { name: 'numpy', version: '2.1.0' },
    { name: 'pandas', version: '2.2.0' }
  ]
};

async function show(
  read: () => Promise<Environment>,
  run: Run = aRun()
): Promise<void> {
  const store = aStore({ run: async () => run, environment: read });
  await settled();
  await act(async () => {
    render(<EnvironmentView store={store} />);
  });
}

const fact = async (name: string): Promise<string | null | undefined> =>
  (await screen.findByText(name)).nextElementSibling?.textContent;

const notRecorded = (): Promise<Environment> =>
  Promise.reject(
    new ApiError('refused', 'There is none.', {
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      detail: 'There is none.',
      code: 'not_found',
      id: '1',
      field: null
    })
  );

describe('the environment of a run', () => {
  it('is where the run ran', async () => {
    await show(async () => ENVIRONMENT);
    expect(await fact('Kernel')).toBe('Python 3 (ipykernel)');
    expect(await fact('Language')).toBe('python 3.12.1');
    expect(await fact('Interpreter')).toBe('/opt/env/bin/python');
    expect(await fact('System')).toBe('Linux-6.1');
    expect(await fact('Machine')).toBe('node7');
    expect(await fact('Processor')).toBe('EPYC, 8 cores');
    expect(await fact('Memory')).toBe('16 GB');
    expect(await fact('Commit')).toBe(
      '0123456789ab on main with changes that are not committed'
    );
    expect(await fact('Repository')).toBe('https://example.org/repository.git');
  });

  it('does not call a working tree clean that was not compared', async () => {
    await show(async () => ({
      ...ENVIRONMENT,
      git: { ...ENVIRONMENT.git!, dirty: null }
    }));
    expect(await fact('Commit')).toBe(
      '0123456789ab on main (whether there were changes is unknown)'
    );
  });

  it('leaves out what is not known', async () => {
    await show(async () => ({
      ...ENVIRONMENT,
      git: null,
      cpu_model: null,
      cpu_count: null,
      memory_bytes: null
    }));
    expect(await fact('Kernel')).toBeTruthy();
    for (const name of ['Commit', 'Repository', 'Processor', 'Memory']) {
      expect(screen.queryByText(name)).toBeNull();
    }
  });

  it('lists the packages, and finds one', async () => {
    await show(async () => ENVIRONMENT);
    expect(
      await screen.findByRole('heading', { name: '2 packages' })
    ).toBeTruthy();
    fireEvent.change(screen.getByLabelText('Filter packages'), {
      target: { value: 'PAN' }
    });
    expect(
      screen.getAllByRole('listitem').map(item => item.textContent)
    ).toEqual(['pandas 2.2.0']);
    // Who does not see the list hears how long it is, not all of it.
    expect(screen.getByRole('status').textContent).toBe('1 package found');
  });

  it('says why there is none', async () => {
    await show(notRecorded);
    expect(
      await screen.findByText(/ended before its environment/)
    ).toBeTruthy();
  });

  it('says that it is to come while the run goes on', async () => {
    await show(notRecorded, aRun({ status: 'RUNNING' }));
    expect(await screen.findByText(/while the run goes on/)).toBeTruthy();
  });
});
