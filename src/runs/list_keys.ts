/** What the keys do in the list of runs, apart from how it is drawn. */
import type { RunSelection } from '../state/run_selection';

/** Commands that a key can stand for. */
export type ListCommand = 'all' | 'open' | 'trash' | 'leave' | 'menu';

/** A key press as the list sees it. */
export interface IKey {
  key: string;
  shiftKey: boolean;
  /** Ctrl, or Cmd on a Mac. */
  accelKey: boolean;
}

/** The answer to a key press: whether it was for the list, and what else has to be done. */
export interface IKeyOutcome {
  handled: boolean;
  command?: ListCommand;
}

const IGNORED: IKeyOutcome = { handled: false };
const DONE: IKeyOutcome = { handled: true };

/** Apply one key to the selection over `list`; `page` is the number of rows on screen. */
export function pressKey(
  { key, shiftKey, accelKey }: IKey,
  selection: RunSelection,
  list: readonly string[],
  page: number
): IKeyOutcome {
  const at = selection.current === null ? -1 : list.indexOf(selection.current);
  const target = moved(key, at, list.length, page);
  if (target !== null) {
    const runId = list[target];
    if (runId !== undefined) {
      if (shiftKey) {
        selection.extendTo(runId, list);
      } else {
        selection.moveTo(runId);
      }
    }
    return DONE;
  }
  if (key === 'a' && accelKey) {
    selection.selectAll(list);
    return { handled: true, command: 'all' };
  }
  if (key === ' ' && selection.current !== null) {
    selection.toggle(selection.current);
    return DONE;
  }
  if (key === 'Enter' && selection.current !== null) {
    return { handled: true, command: 'open' };
  }
  if ((key === 'Delete' || key === 'Backspace') && selection.targets().length) {
    return { handled: true, command: 'trash' };
  }
  if (key === 'ContextMenu' || (key === 'F10' && shiftKey)) {
    return { handled: true, command: 'menu' };
  }
  if (key === 'Escape') {
    if (selection.ids.size > 0) {
      selection.clear();
      return DONE;
    }
    return { handled: true, command: 'leave' };
  }
  return IGNORED;
}

/** The row that a navigation key leads to from row `at`; null for other keys. */
function moved(
  key: string,
  at: number,
  length: number,
  page: number
): number | null {
  const clamp = (index: number): number =>
    Math.max(0, Math.min(length - 1, index));
  switch (key) {
    case 'ArrowDown':
      return clamp(at + 1);
    case 'ArrowUp':
      return clamp(at < 0 ? 0 : at - 1);
    case 'PageDown':
      return clamp(at + page);
    case 'PageUp':
      return clamp(at - page);
    case 'Home':
      return 0;
    case 'End':
      return clamp(length - 1);
    default:
      return null;
  }
}
