import { SplitPanel, TabPanel, Widget } from '@lumino/widgets';

import { showBelow } from '../area_below';

/** The page of a notebook as Notebook lays it out, with two tabs below. */
function aPage(sizes: number[]): {
  split: SplitPanel;
  tabs: TabPanel;
  second: Widget;
} {
  const split = new SplitPanel({ orientation: 'vertical' });
  const tabs = new TabPanel();
  const second = new Widget();
  tabs.addWidget(new Widget());
  tabs.addWidget(second);
  split.addWidget(new Widget());
  split.addWidget(tabs);
  split.setRelativeSizes(sizes);
  return { split, tabs, second };
}

describe('the area below a notebook', () => {
  it('shows the tab that was asked for', () => {
    const { tabs, second } = aPage([1, 1]);
    expect(tabs.currentWidget).not.toBe(second);
    showBelow(second);
    expect(tabs.currentWidget).toBe(second);
  });

  it('gets half of the height when it has none', () => {
    const { split, second } = aPage([1, 0]);
    showBelow(second);
    expect(split.relativeSizes()).toEqual([0.5, 0.5]);
  });

  it('keeps the height that a user gave it', () => {
    const { split, second } = aPage([3, 1]);
    showBelow(second);
    expect(split.relativeSizes()).toEqual([0.75, 0.25]);
  });

  it('is not looked for where a widget stands alone', () => {
    expect(() => {
      showBelow(new Widget());
    }).not.toThrow();
  });
});
