import { RunSelection } from '../../state/run_selection';
import { pressKey } from '../list_keys';
import { rowWindow, scrollToShow } from '../row_window';

const LIST = Array.from({ length: 30 }, (_, index) => `run${index}`);
const PAGE = 10;

function press(
  selection: RunSelection,
  key: string,
  { shift = false, accel = false } = {}
): ReturnType<typeof pressKey> {
  return pressKey(
    { key, shiftKey: shift, accelKey: accel },
    selection,
    LIST,
    PAGE
  );
}

describe('the keys of the list', () => {
  it('move without selecting, and stop at the ends', () => {
    const selection = new RunSelection();
    press(selection, 'ArrowDown');
    expect(selection.current).toBe('run0');
    press(selection, 'PageDown');
    expect(selection.current).toBe('run10');
    press(selection, 'End');
    press(selection, 'ArrowDown');
    expect(selection.current).toBe('run29');
    press(selection, 'Home');
    press(selection, 'ArrowUp');
    expect(selection.current).toBe('run0');
    expect(selection.ids.size).toBe(0);
  });

  it('select with Shift, with Space, and all at once', () => {
    const selection = new RunSelection();
    press(selection, 'Home');
    press(selection, 'ArrowDown', { shift: true });
    press(selection, 'ArrowDown', { shift: true });
    expect([...selection.ids]).toEqual(['run0', 'run1', 'run2']);
    press(selection, ' ');
    expect(selection.has('run2')).toBe(false);
    expect(press(selection, 'a', { accel: true }).command).toBe('all');
    expect(selection.ids.size).toBe(LIST.length);
  });

  it('open, delete and show the menu of what they are on', () => {
    const selection = new RunSelection();
    expect(press(selection, 'Enter').handled).toBe(false);
    expect(press(selection, 'Delete').handled).toBe(false);
    selection.moveTo('run3');
    expect(press(selection, 'Enter').command).toBe('open');
    expect(press(selection, 'Delete').command).toBe('trash');
    expect(press(selection, 'F10', { shift: true }).command).toBe('menu');
  });

  it('give up the selection first, then the list', () => {
    const selection = new RunSelection();
    selection.toggle('run1');
    expect(press(selection, 'Escape').command).toBeUndefined();
    expect(selection.ids.size).toBe(0);
    expect(press(selection, 'Escape').command).toBe('leave');
  });

  it('leave other keys to JupyterLab', () => {
    const selection = new RunSelection();
    selection.moveTo('run1');
    expect(press(selection, 'a').handled).toBe(false);
    expect(press(selection, 'F5').handled).toBe(false);
  });
});

describe('the rows on screen', () => {
  it('are few, however long the list is', () => {
    const { first, end } = rowWindow(460_000 / 2, 460, 46, 10_000);
    expect(first).toBeLessThan(5000);
    expect(end).toBeGreaterThan(5010);
    expect(end - first).toBeLessThan(40);
  });

  it('end where the list ends', () => {
    expect(rowWindow(0, 460, 46, 3)).toEqual({ first: 0, end: 3 });
    expect(rowWindow(1_000_000, 460, 46, 3)).toEqual({ first: 3, end: 3 });
    expect(rowWindow(0, 460, 46, 0)).toEqual({ first: 0, end: 0 });
  });

  it('move only as far as needed to show one', () => {
    expect(scrollToShow(5, 0, 460, 46)).toBe(0);
    expect(scrollToShow(10, 0, 460, 46)).toBe(46);
    expect(scrollToShow(2, 460, 460, 46)).toBe(92);
  });
});
