/** The area below a notebook, where Notebook has what its main area has no room for. */
import { SplitPanel, TabPanel, type Widget } from '@lumino/widgets';

/** Below this share of the height hardly more than the row of tabs is seen. */
const SEEN = 0.2;

/**
 * Bring the tab of a widget to the front, and give its area half of the height if it has next to none.
 *
 * Notebook itself does neither: a new tab stays behind the first one, in an area without height.
 */
export function showBelow(widget: Widget): void {
  for (let part = widget; part.parent; part = part.parent) {
    const { parent } = part;
    if (parent instanceof TabPanel) {
      parent.currentWidget = widget;
    }
    if (parent instanceof SplitPanel && parent.orientation === 'vertical') {
      const share = parent.relativeSizes()[parent.widgets.indexOf(part)] ?? 1;
      if (share < SEEN) {
        parent.setRelativeSizes(parent.widgets.map(() => 1));
      }
      return;
    }
  }
}
