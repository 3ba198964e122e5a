import { fireEvent, render, screen } from '@testing-library/react';

import {
  InMemoryServer,
  refusal,
  until
} from '../../contract/__tests__/in_memory_server';
import type { KernelSpecInfo } from '../../contract/types';
import { KernelField } from '../kernel_field';

function kernel(name: string, language: string): KernelSpecInfo {
  return {
    name,
    display_name: `The ${name} kernel`,
    language,
    interpreter: `/envs/${name}/bin/program`,
    warm: false,
    default: name === 'python3'
  };
}

let server: InMemoryServer;
beforeEach(() => {
  server = new InMemoryServer();
  const kernels = [
    kernel('python3', 'python'),
    kernel('other', 'python'),
    kernel('ir', 'r')
  ];
  server.override = ({ method, path }) =>
    method === 'POST'
      ? {
          status: 200,
          body: {
            name: path.split('/')[1],
            ok: true,
            message: '',
            duration_ms: 500,
            implementation: 'IRkernel',
            language_version: '4.4'
          }
        }
      : { status: 200, body: { kernels } };
});

/** The field of a notebook, and the button to check its kernel. */
async function show(
  notebookKernel: string | null,
  language: string,
  value = ''
): Promise<{ field: HTMLSelectElement; check: HTMLButtonElement }> {
  render(
    <KernelField
      api={server.api}
      notebookKernel={notebookKernel}
      language={language}
      value={value}
      error={null}
      onChange={() => undefined}
    />
  );
  await screen.findByRole('option', { name: 'The other kernel' });
  return {
    field: screen.getByLabelText('Kernel'),
    check: screen.getByRole('button', { name: 'Check' })
  };
}

const asked = (): string[] =>
  server.calls
    .filter(({ method }) => method === 'POST')
    .map(({ path }) => path);

describe('the kernel of a run', () => {
  it.each([
    ['the one that the notebook names', 'other', 'python', '', 'other'],
    ['found whatever its capitals', 'Python3', 'python', '', 'python3'],
    ['of the language, where none is named', null, 'r', '', 'ir'],
    ['the default of its language', null, 'python', '', 'python3'],
    ['the one chosen in the form', 'other', 'python', 'ir', 'ir'],
    ['chosen, whatever the notebook lacks', 'gone', 'python', 'ir', 'ir']
  ] as [string, string | null, string, string, string][])(
    'is %s, which is shown and checked',
    async (_, notebookKernel, language, value, expected) => {
      const { check } = await show(notebookKernel, language, value);
      expect(screen.getByText(`/envs/${expected}/bin/program`)).toBeInstanceOf(
        HTMLElement
      );
      fireEvent.click(check);
      await screen.findByText(/answers after/);
      expect(asked()).toEqual([`kernels/${expected}/check`]);
    }
  );

  it.each([
    ['gone', 'python', '', 'The kernel gone is not installed here.'],
    [null, 'fortran', '', 'No kernel for fortran is installed here.'],
    ['other', 'python', 'away', 'The kernel away is not installed here.']
  ] as [string | null, string, string, string][])(
    'named %s for %s, chosen %p, is never another one in its stead',
    async (notebookKernel, language, value, message) => {
      const { field, check } = await show(notebookKernel, language, value);
      expect(screen.getByRole('alert').textContent).toContain(message);
      expect(field.selectedOptions[0]?.textContent).toContain(
        'not installed here'
      );
      expect(screen.queryByText(/bin\/program/)).toBeNull();
      expect(check.disabled).toBe(true);
    }
  );

  it('is known once the kernels can be read', async () => {
    const { override } = server;
    server.override = () => refusal(503, 'unavailable');
    render(
      <KernelField
        api={server.api}
        notebookKernel="other"
        language="python"
        value=""
        error={null}
        onChange={() => undefined}
      />
    );
    await until(() => server.calls.length > 0);
    server.override = override;
    expect(
      await screen.findByText('/envs/other/bin/program', {}, { timeout: 3000 })
    ).toBeTruthy();
  });
});
