/** What plugins offer each other beside the shared state. */
import { Token } from '@lumino/coreutils';
import type { Widget } from '@lumino/widgets';

/** The panel in the sidebar. */
export interface IMlopsPanel {
  /** Add a section; lower ranks stand higher. */
  addSection(section: Widget, rank: number): void;
  /** Add something above the sections. */
  placeOnTop(header: Widget): void;
  /** Show the panel, with one of its sections opened. */
  reveal(section?: Widget): void;
}

export const IMlopsPanel = new Token<IMlopsPanel>(
  'jupyter-mlops:IMlopsPanel',
  'The MLOps panel, for those who add a section to it.'
);
