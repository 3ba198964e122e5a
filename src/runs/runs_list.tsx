/** The list of runs: windowed, so that ten thousand scroll as smoothly as ten. */
import {
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent
} from 'react';

import { isActive } from '../contract/run_status';
import { useTrans } from '../components/translation';
import { useNow } from '../components/use_now';
import { useStore } from '../components/use_store';
import type { PendingActions } from '../state/pending_actions';
import type { IRunsStore } from '../state/tokens';
import { type ListCommand, pressKey } from './list_keys';
import { type IRowActions, ROW_HEIGHT, rowId, RunRow } from './run_row';
import { rowWindow, scrollToShow } from './row_window';

/** What the list asks of its surroundings. */
export interface IListActions extends Pick<IRowActions, 'open' | 'act'> {
  trash(): void;
  leave(): void;
  menu(x: number, y: number): void;
}

export interface IRunsListProps {
  store: IRunsStore;
  pending: PendingActions;
  showExperiment: boolean;
  actions: IListActions;
}

export function RunsList(props: IRunsListProps): JSX.Element {
  const { store, pending, showExperiment, actions } = props;
  const trans = useTrans();
  useStore(store);
  useStore(store.selection);
  useStore(pending);
  const now = useNow(true, 20_000);
  const box = useRef<HTMLDivElement>(null);
  const { scrollTop, height, onScroll } = useViewport(box);
  const { runs, selection, total } = store;
  const { first, end } = rowWindow(scrollTop, height, ROW_HEIGHT, total);
  const ids = useMemo(() => runs.map(({ run_id }) => run_id), [runs]);

  useEffect(() => {
    store.need(end - 1);
  });

  const current = selection.current;
  const currentIndex = current === null ? -1 : ids.indexOf(current);
  useLayoutEffect(() => {
    const node = box.current;
    if (node && currentIndex >= 0 && node.contains(document.activeElement)) {
      node.scrollTop = scrollToShow(
        currentIndex,
        node.scrollTop,
        node.clientHeight,
        ROW_HEIGHT
      );
    }
    // Only the keyboard's move scrolls; rows that arrive above do not pull the list along.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [current]);

  // Rows may still have to be read: what was wished for comes true as they arrive.
  const wish = useRef<'end' | 'all' | null>(null);
  const isWhole = ids.length >= total;
  const stay = (): void => {
    wish.current = null;
  };
  useEffect(() => {
    const last = ids.at(-1);
    if (wish.current === 'all') {
      selection.selectAll(ids);
      store.need(total - 1);
    } else if (wish.current === 'end' && isWhole && last !== undefined) {
      selection.moveTo(last);
    }
    if (isWhole) {
      wish.current = null;
    }
  }, [ids, isWhole, selection, store, total]);

  const { filter } = store;
  useLayoutEffect(() => {
    wish.current = null;
    box.current?.scrollTo?.({ top: 0 });
  }, [filter]);

  const rowActions = useRowActions(store, actions);

  const openMenu = (): void => {
    const row = current && document.getElementById(rowId(current));
    if (row) {
      const { left, bottom } = row.getBoundingClientRect();
      actions.menu(left + 24, bottom - 8);
    }
  };
  const perform: Record<ListCommand, () => void> = {
    all: () => {
      wish.current = isWhole ? null : 'all';
      store.need(total - 1);
    },
    open: () => current !== null && actions.open(current),
    trash: () => actions.trash(),
    leave: () => actions.leave(),
    menu: openMenu
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const isGoingToEnd = event.key === 'End' && !event.shiftKey && !isWhole;
    wish.current = isGoingToEnd ? 'end' : null;
    if (isGoingToEnd) {
      box.current?.scrollTo?.({ top: box.current.scrollHeight });
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    const { handled, command } = pressKey(
      {
        key: event.key,
        shiftKey: event.shiftKey,
        accelKey: event.ctrlKey || event.metaKey
      },
      selection,
      ids,
      Math.max(1, Math.floor(height / ROW_HEIGHT) - 1)
    );
    if (handled) {
      event.preventDefault();
      event.stopPropagation();
    }
    if (command) {
      perform[command]();
    }
  };

  const rows: JSX.Element[] = [];
  const draw = (index: number): void => {
    const run = runs[index];
    rows.push(
      run ? (
        <RunRow
          key={run.run_id}
          run={run}
          index={index}
          isCurrent={run.run_id === current}
          isSelected={selection.has(run.run_id)}
          showExperiment={showExperiment}
          isPending={pending.has(
            isActive(run) ? 'cancel' : 'rerun',
            run.run_id
          )}
          now={now}
          actions={rowActions}
        />
      ) : (
        <Placeholder key={`row ${index}`} index={index} />
      )
    );
  };
  for (let index = first; index < end; index++) {
    draw(index);
  }
  // The row that the keyboard is on stays in the page: screen readers follow it by its id.
  if (currentIndex >= 0 && (currentIndex < first || currentIndex >= end)) {
    draw(currentIndex);
  }

  return (
    <div
      ref={box}
      className="jp-Mlops-RunsList"
      role="grid"
      tabIndex={0}
      aria-label={
        store.filter.deleted ? trans.__('Runs in the trash') : trans.__('Runs')
      }
      aria-multiselectable="true"
      aria-rowcount={total}
      aria-activedescendant={
        current !== null && currentIndex >= 0 ? rowId(current) : undefined
      }
      aria-busy={store.isLoading}
      data-selecting={selection.ids.size > 0 || undefined}
      onScroll={onScroll}
      onWheel={() => {
        if (wish.current === 'end') {
          stay();
        }
      }}
      onPointerDown={stay}
      onKeyDown={onKeyDown}
      onFocus={event => {
        if (event.target === box.current && currentIndex < 0 && ids[0]) {
          selection.moveTo(ids[0]);
        }
      }}
    >
      <div
        className="jp-Mlops-RunsList-rows"
        role="rowgroup"
        style={{ height: total * ROW_HEIGHT }}
      >
        {rows}
      </div>
    </div>
  );
}

function Placeholder({ index }: { index: number }): JSX.Element {
  return (
    <div
      className="jp-Mlops-RunRow jp-Mlops-RunRow-placeholder"
      role="row"
      aria-rowindex={index + 1}
      aria-busy="true"
      style={{ top: index * ROW_HEIGHT }}
    >
      <div role="gridcell" />
    </div>
  );
}

/** Scroll position and height of the list's box, at most once per frame. */
function useViewport(box: React.RefObject<HTMLDivElement>): {
  scrollTop: number;
  height: number;
  onScroll: () => void;
} {
  const [scrollTop, setScrollTop] = useState(0);
  const [height, setHeight] = useState(0);
  const frame = useRef(0);
  useLayoutEffect(() => {
    const node = box.current;
    if (!node) {
      return;
    }
    setHeight(node.clientHeight);
    const observer = new ResizeObserver(() => setHeight(node.clientHeight));
    observer.observe(node);
    return () => {
      observer.disconnect();
      cancelAnimationFrame(frame.current);
    };
  }, [box]);
  const onScroll = useCallback(() => {
    cancelAnimationFrame(frame.current);
    frame.current = requestAnimationFrame(() =>
      setScrollTop(box.current?.scrollTop ?? 0)
    );
  }, [box]);
  return { scrollTop, height, onScroll };
}

/** Actions that stay the same object, so that unchanged rows are not drawn again. */
function useRowActions(store: IRunsStore, actions: IListActions): IRowActions {
  const latest = useRef(actions);
  latest.current = actions;
  return useMemo(() => {
    const { selection } = store;
    const list = (): string[] => store.runs.map(({ run_id }) => run_id);
    return {
      open: runId => latest.current.open(runId),
      toggle: runId => selection.toggle(runId),
      act: run => latest.current.act(run),
      click: (runId, event) => {
        if (event.shiftKey) {
          selection.extendTo(runId, list());
        } else if (event.ctrlKey || event.metaKey) {
          selection.toggle(runId);
        } else {
          selection.clear();
          selection.moveTo(runId);
          latest.current.open(runId);
        }
      },
      aim: runId => {
        if (!selection.has(runId)) {
          selection.clear();
          selection.moveTo(runId);
        }
      },
      menu: event => latest.current.menu(event.clientX, event.clientY)
    };
  }, [store]);
}
