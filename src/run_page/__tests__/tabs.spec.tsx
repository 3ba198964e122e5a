import { fireEvent, render, screen } from '@testing-library/react';
import { useState } from 'react';

import { Tabs } from '../tabs';

function Three(): JSX.Element {
  const [selected, setSelected] = useState('one');
  return (
    <Tabs
      label="Parts"
      selected={selected}
      onSelect={setSelected}
      tabs={['one', 'two', 'three'].map(id => ({
        id,
        label: `Tab ${id}`,
        badge: id === 'two' ? '12' : null,
        render: () => <p>Content of {id}</p>
      }))}
    />
  );
}

const chosen = (): string | null =>
  screen
    .getAllByRole('tab')
    .find(tab => tab.getAttribute('aria-selected') === 'true')
    ?.getAttribute('data-tab') ?? null;

describe('tabs', () => {
  it('show one panel, named by its tab', () => {
    render(<Three />);
    fireEvent.click(screen.getByRole('tab', { name: /Tab two/ }));
    expect(screen.getByText('Content of two')).toBeTruthy();
    expect(screen.queryByText('Content of one')).toBeNull();
    expect(screen.getByRole('tabpanel', { name: /Tab two/ })).toBeTruthy();
    expect(screen.getByRole('tab', { name: 'Tab two 12' })).toBeTruthy();
  });

  it.each([
    ['ArrowRight', 'two'],
    ['ArrowLeft', 'three'],
    ['End', 'three'],
    ['Home', 'one']
  ])('move with %s, and the focus with them', (key, expected) => {
    render(<Three />);
    fireEvent.keyDown(screen.getByRole('tablist'), { key });
    expect(chosen()).toBe(expected);
    expect(document.activeElement?.getAttribute('data-tab')).toBe(
      key === 'Home' ? 'one' : expected
    );
  });

  it('are one stop of the Tab key', () => {
    render(<Three />);
    const stops = screen.getAllByRole('tab').map(tab => tab.tabIndex);
    expect(stops).toEqual([0, -1, -1]);
  });

  it('leave other keys to the page', () => {
    render(<Three />);
    expect(fireEvent.keyDown(screen.getByRole('tablist'), { key: 'a' })).toBe(
      true
    );
    expect(chosen()).toBe('one');
  });
});
