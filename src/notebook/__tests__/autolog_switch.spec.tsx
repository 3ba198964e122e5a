import { Notification } from '@jupyterlab/apputils';
import { act, fireEvent, render, screen } from '@testing-library/react';

import { refusal, until } from '../../contract/__tests__/in_memory_server';
import { type ISetUp, setUpShared } from '../../state/__tests__/shared';
import { AutologSwitch } from '../autolog_switch';

let setUp: ISetUp;
beforeEach(() => {
  setUp = setUpShared();
});
afterEach(() => {
  Notification.dismiss();
  setUp.dispose();
});

async function show(): Promise<HTMLInputElement> {
  const { preferences, feed } = setUp.shared;
  render(
    <AutologSwitch preferences={preferences} connection={feed.connection} />
  );
  await act(() => setUp.follow());
  await act(() => until(() => preferences.now !== null));
  return screen.getByRole<HTMLInputElement>('switch', { name: /Autolog/ });
}

describe('the switch for autologging', () => {
  it('is not there while nobody knows how it stands', () => {
    const { preferences, feed } = setUp.shared;
    const { container } = render(
      <AutologSwitch preferences={preferences} connection={feed.connection} />
    );
    expect(container.textContent).toBe('');
  });

  it('stands as the user prefers, and says what turning it does', async () => {
    setUp.server.preferences = { autolog: true };
    const control = await show();
    expect(control.checked).toBe(true);
    expect(screen.getByRole('status').textContent).toBe('');
    await act(async () => {
      fireEvent.click(control);
    });
    await act(() => until(() => !setUp.server.preferences.autolog));
    expect(control.checked).toBe(false);
    expect(screen.getByRole('status').textContent).toMatch(
      /^Off in kernels that start from now on/
    );
  });

  it('says what it is for to who cannot point at it', async () => {
    const control = await show();
    const described = control
      .getAttribute('aria-describedby')!
      .split(' ')
      .map(id => document.getElementById(id)!.textContent);
    expect(described.join('')).toMatch(
      /^Kernels log parameters, metrics and models of training/
    );
  });

  it('stays as it was when the server refuses', async () => {
    const control = await show();
    setUp.server.override = ({ method }) =>
      method === 'PATCH' ? refusal(403, 'forbidden') : undefined;
    await act(async () => {
      fireEvent.click(control);
      await until(() => setUp.server.callsTo('preferences').length === 2);
    });
    await act(() => until(() => !control.checked));
    expect(screen.getByRole('status').textContent).toBe('');
    expect(Notification.manager.notifications.map(({ type }) => type)).toEqual([
      'error'
    ]);
  });
});
