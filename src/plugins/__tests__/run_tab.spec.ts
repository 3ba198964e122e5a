import { Widget } from '@lumino/widgets';

import type { RunPageStore } from '../../run_page/run_page';
import { RunPageStore as Store } from '../../run_page/run_page_store';
import { anApi, aRun, MadeFeed, RUN_ID } from '../../run_page/__tests__/parts';
import { RunTab } from '../run_tab';

function aStore(): RunPageStore {
  return new Store(anApi(), new MadeFeed(false), RUN_ID);
}

describe('the tab of a run', () => {
  it('is named after the run, also after its name changed', () => {
    const tab = new RunTab(RUN_ID, 'overview');
    const widget = new Widget();
    const store = aStore();
    tab.bind(widget);
    tab.follow(store);
    store.put(aRun({ name: 'first' }));
    expect(widget.title.label).toBe('first');
    store.put(aRun({ name: 'second' }));
    expect(widget.title.label).toBe('second');
    expect(widget.title.caption).toBe('wine · second');
  });

  it('has the name that it had before a reload, and keeps it for the next one', () => {
    const tab = new RunTab(RUN_ID, null);
    const widget = new Widget();
    widget.title.label = 'Run aaaaaaaa';
    const told = jest.fn();
    tab.bind(widget, 'first');
    tab.changed.connect(told);
    expect(widget.title.label).toBe('first');
    const store = aStore();
    tab.follow(store);
    store.put(aRun({ name: 'second' }));
    store.put(aRun({ name: 'second' }));
    expect(tab.name).toBe('second');
    expect(told).toHaveBeenCalledTimes(1);
  });

  it('tells when another part is shown, and only then', () => {
    const tab = new RunTab(RUN_ID, 'overview');
    const told = jest.fn();
    tab.changed.connect(told);
    tab.show('log');
    tab.show('log');
    expect(tab.section).toBe('log');
    expect(told).toHaveBeenCalledTimes(1);
  });

  it('ends what it follows when it is closed, even if that comes late', () => {
    const tab = new RunTab(RUN_ID, 'overview');
    const store = aStore();
    tab.follow(store);
    const second = aStore();
    tab.follow(second);
    expect(store.isDisposed).toBe(true);
    expect(second.isDisposed).toBe(false);
    tab.dispose();
    expect(second.isDisposed).toBe(true);
    const late = aStore();
    tab.follow(late);
    expect(late.isDisposed).toBe(true);
  });
});
