/** What plugins offer each other beside the shared state. */
import { Token } from '@lumino/coreutils';
import type { Widget } from '@lumino/widgets';

import type { IRunTarget as ITarget } from '../notebook/run_target';

/** The notebook that the Run form is for. */
export type IRunTarget = ITarget;

/** The panel in the sidebar. */
export interface IMlopsPanel {
  /** Add a section; lower ranks stand higher. */
  addSection(section: Widget, rank: number): void;
  /** Add something above the sections. */
  placeOnTop(header: Widget): void;
  /** Show the panel, with the section of this id opened. */
  reveal(sectionId?: string): void;
}

/** Ids of the sections. */
export const SectionIDs = {
  run: 'jp-mlops-run',
  runs: 'jp-mlops-runs'
} as const;

export const IMlopsPanel = new Token<IMlopsPanel>(
  'jupyter-mlops:IMlopsPanel',
  'The MLOps panel, for those who add a section to it.'
);

export const IRunTarget = new Token<IRunTarget>(
  'jupyter-mlops:IRunTarget',
  'The notebook that the Run form is for.'
);
