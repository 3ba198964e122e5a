import { act, fireEvent, render, screen } from '@testing-library/react';

import {
  BASE,
  InMemoryServer
} from '../../contract/__tests__/in_memory_server';
import { ApiError } from '../../contract/errors';
import { ConnectionStore } from '../../state/connection_store';
import { ConnectionGate } from '../connection_gate';
import { Elapsed } from '../elapsed';
import { Field } from '../field';
import { Sparkline } from '../sparkline';
import { ErrorState } from '../states';
import { StatusBadge } from '../status_badge';

const STATUS = {
  version: '0',
  state: 'ready',
  message: null,
  user: 'ann',
  seq: 0,
  dispatching: true,
  concurrency: 2,
  scheduled: 0,
  running: 0
} as const;

describe('a field', () => {
  it('is found by its label, and says its help and its error', () => {
    render(
      <Field label="alpha" help="How far" error="Too small" required>
        {control => <input {...control} />}
      </Field>
    );
    const input = screen.getByRole('textbox', { name: /alpha/ });
    expect(input.getAttribute('aria-invalid')).toBe('true');
    expect(input.getAttribute('aria-required')).toBe('true');
    const said = (input.getAttribute('aria-describedby') ?? '')
      .split(' ')
      .map(id => document.getElementById(id)?.textContent);
    expect(said).toEqual(['Too small', 'How far']);
  });
});

describe('the badge of a run', () => {
  it('says why it failed, and shows the state by shape as well', () => {
    const { container } = render(
      <StatusBadge status="FAILED" reason="out_of_memory" />
    );
    expect(screen.getByText('Out of memory')).toBeTruthy();
    expect(screen.getByTitle('Failed: Out of memory')).toBeTruthy();
    expect(container.querySelector('svg path')).not.toBeNull();
  });

  it('is read by its words alone', () => {
    const { container } = render(<StatusBadge status="RUNNING" />);
    expect(container.querySelector('svg')?.getAttribute('aria-hidden')).toBe(
      'true'
    );
  });
});

describe('a failure', () => {
  it('tells how to install what is missing', () => {
    render(<ErrorState error={new ApiError('missing', 'x')} />);
    expect(screen.getByText(/pip install jupyter-mlops/)).toBeTruthy();
  });

  it('shows hostile text as text', () => {
    const hostile = '<img src=x onerror=alert(1)>';
    const { container } = render(<ErrorState error={new Error(hostile)} />);
    expect(screen.getByText(hostile)).toBeTruthy();
    expect(container.querySelector('img')).toBeNull();
  });

  it('can be tried again', () => {
    const retry = jest.fn();
    render(
      <ErrorState error={new ApiError('unreachable', '')} onRetry={retry} />
    );
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(retry).toHaveBeenCalledWith();
  });
});

function refused(status: number, code: string): ApiError {
  return new ApiError('refused', 'No.', {
    type: 'about:blank',
    title: 'No',
    status,
    detail: 'No.',
    code,
    id: '',
    field: null
  });
}

describe('the gate before a view', () => {
  function gate(): { store: ConnectionStore; retried: () => number } {
    let count = 0;
    const store = new ConnectionStore(() => {
      count += 1;
    }, new InMemoryServer().api);
    return { store, retried: () => count };
  }

  it('opens when the server is ready', () => {
    const { store } = gate();
    const { rerender } = render(
      <ConnectionGate connection={store}>inside</ConnectionGate>
    );
    expect(screen.queryByText('inside')).toBeNull();
    act(() => store.answered(STATUS));
    rerender(<ConnectionGate connection={store}>inside</ConnectionGate>);
    expect(screen.getByText('inside')).toBeTruthy();
  });

  it('keeps the view while a server that answered is away', () => {
    const { store, retried } = gate();
    store.answered(STATUS);
    store.failed(new ApiError('unreachable', 'Failed to fetch'));
    render(<ConnectionGate connection={store}>inside</ConnectionGate>);
    expect(screen.getByText('inside')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Try now' }));
    expect(retried()).toBe(1);
  });

  it('says what to do about a store that does not open', () => {
    const { store } = gate();
    store.answered({
      ...STATUS,
      state: 'failed',
      message: 'The disk is full.'
    });
    render(<ConnectionGate connection={store}>inside</ConnectionGate>);
    expect(screen.getByText('The disk is full.')).toBeTruthy();
    expect(screen.queryByText('inside')).toBeNull();
  });

  it.each(['starting', 'failed', 'read_only'] as const)(
    'keeps what was typed into the view while the store is %s',
    state => {
      const { store } = gate();
      store.answered(STATUS);
      render(
        <ConnectionGate connection={store}>
          <input aria-label="note" />
        </ConnectionGate>
      );
      const input = screen.getByLabelText<HTMLInputElement>('note');
      input.value = 'half a sentence';
      act(() => store.failed(new ApiError('unreachable', 'Failed to fetch')));
      act(() => store.answered({ ...STATUS, state }));
      expect(screen.getByRole('status').textContent).not.toBe('');
      act(() => store.failed(new ApiError('missing', '')));
      act(() => store.answered(STATUS));
      expect(screen.queryByRole('status')).toBeNull();
      expect(screen.getByLabelText('note')).toBe(input);
      expect(input.value).toBe('half a sentence');
    }
  );

  it('leads to the login when the session has ended, and keeps the view', () => {
    const { store, retried } = gate();
    store.answered(STATUS);
    render(<ConnectionGate connection={store}>inside</ConnectionGate>);
    act(() => store.failed(refused(401, 'unauthenticated')));
    const link = screen.getByRole('link', { name: 'Log in again' });
    expect(link.getAttribute('target')).toBe('_blank');
    expect(link.getAttribute('href')).toBe(BASE);
    expect(screen.getByText('inside')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Try now' }));
    expect(retried()).toBe(1);
  });

  it('leads to the login also when the session had ended before', () => {
    const { store } = gate();
    store.failed(refused(403, ''));
    render(<ConnectionGate connection={store}>inside</ConnectionGate>);
    expect(screen.getByRole('link', { name: 'Log in again' })).toBeTruthy();
  });

  it('does not send somebody to the login who is known and may not', () => {
    const { store } = gate();
    store.answered(STATUS);
    store.failed(refused(403, 'forbidden'));
    expect(store.state).toBe('ready');
  });

  it('stays as it is when the server refuses a single call', () => {
    const { store } = gate();
    store.answered(STATUS);
    store.failed(new ApiError('refused', 'No such run.'));
    expect(store.state).toBe('ready');
  });
});

describe('the time of a run', () => {
  it('stands still once it ended, and counts while it goes on', () => {
    const { container, rerender } = render(
      <Elapsed startedAt={0} durationMs={2000} />
    );
    expect(container.textContent).toBe('2.0 s');
    rerender(<Elapsed startedAt={Date.now() - 65_000} durationMs={null} />);
    expect(container.textContent).toMatch(/^1 min 0\d s$/);
    rerender(<Elapsed startedAt={null} durationMs={null} />);
    expect(container.textContent).toBe('');
  });
});

describe('a drawn sparkline', () => {
  it('is said to screen readers where it has a label, and hidden where not', () => {
    render(<Sparkline values={[1, 2]} label="loss falls" />);
    expect(screen.getByRole('img', { name: 'loss falls' })).toBeTruthy();
    const { container } = render(<Sparkline values={[1, 2]} />);
    expect(container.querySelector('svg')?.getAttribute('aria-hidden')).toBe(
      'true'
    );
  });
});
