/** Which rows of a long list are on screen: only those are drawn, so that length costs nothing. */

/** Rows from `first` up to but not including `end`. */
export interface IRowWindow {
  first: number;
  end: number;
}

/** Rows drawn above and below the visible ones, so that scrolling shows no gaps. */
const MARGIN = 8;

/** The rows to draw of `total` rows of one height, in a viewport scrolled to `scrollTop`. */
export function rowWindow(
  scrollTop: number,
  height: number,
  rowHeight: number,
  total: number
): IRowWindow {
  const first = Math.floor(Math.max(0, scrollTop) / rowHeight) - MARGIN;
  const end = Math.ceil((Math.max(0, scrollTop) + height) / rowHeight) + MARGIN;
  return {
    first: Math.max(0, Math.min(first, total)),
    end: Math.max(0, Math.min(end, total))
  };
}

/** Where to scroll so that row `index` is wholly visible, moving as little as possible. */
export function scrollToShow(
  index: number,
  scrollTop: number,
  height: number,
  rowHeight: number
): number {
  const top = index * rowHeight;
  if (top < scrollTop) {
    return top;
  }
  return Math.max(scrollTop, top + rowHeight - height);
}
