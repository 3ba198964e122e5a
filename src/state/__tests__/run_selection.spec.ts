import { RunSelection } from '../run_selection';

const LIST = ['a', 'b', 'c', 'd'];

function chosen(selection: RunSelection): string[] {
  return [...selection.ids];
}

describe('the selection of runs', () => {
  it('is for the run under the keyboard while nothing is selected', () => {
    const selection = new RunSelection();
    expect(selection.targets()).toEqual([]);
    selection.moveTo('b');
    expect(selection.targets()).toEqual(['b']);
    selection.toggle('c');
    expect(selection.targets()).toEqual(['c']);
  });

  it('extends from where it began, in both directions', () => {
    const selection = new RunSelection();
    selection.moveTo('b');
    selection.extendTo('d', LIST);
    expect(chosen(selection)).toEqual(['b', 'c', 'd']);
    selection.extendTo('a', LIST);
    expect(chosen(selection)).toEqual(['a', 'b']);
  });

  it('gives back what is toggled twice', () => {
    const selection = new RunSelection();
    selection.toggle('a');
    selection.toggle('b');
    selection.toggle('a');
    expect(chosen(selection)).toEqual(['b']);
  });

  it('forgets runs that left the list, and goes to a neighbour', () => {
    const selection = new RunSelection();
    selection.selectAll(LIST);
    selection.moveTo('b');
    selection.keep(['a', 'c', 'd'], 'c');
    expect(chosen(selection)).toEqual(['a', 'c', 'd']);
    expect(selection.current).toBe('c');
  });
});
