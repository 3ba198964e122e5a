/** Says that an output would be drawn by something that may load or run what it names, and shows what else came with it. */
import type { IRenderMime } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Panel, Widget } from '@lumino/widgets';

/** The type under which the renderer below is registered; outputs have no reason to be of it. */
export const NOT_DRAWN = 'application/vnd.jupyter-mlops.not-drawn';

export type Bundle = IRenderMime.IMimeModel['data'];

/** What is left of an output. */
export interface ILeft {
  /** What is not drawn; null where it is a part of the HTML. */
  readonly missing: string | null;
  /** Draws the rest, if there is any. */
  readonly rest: IRenderMime.IRenderer | null;
}

export class NotDrawn extends Panel implements IRenderMime.IRenderer {
  constructor(
    private readonly _leave: (bundle: Bundle) => ILeft,
    private readonly _trans: TranslationBundle
  ) {
    super();
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    for (const widget of [...this.widgets]) {
      widget.dispose();
    }
    const { missing, rest } = this._leave(model.data);
    const hint = new Widget();
    hint.addClass('jp-Mlops-Hint');
    hint.addClass('jp-Mlops-NotDrawn');
    hint.node.textContent =
      missing === null
        ? this._trans.__(
            'This output is made by scripts, which do not run here. Open a copy in JupyterLab to see it.'
          )
        : this._trans.__(
            'A chart or widget (%1) is not drawn here, because it could load something from elsewhere. Open a copy in JupyterLab to see it.',
            missing
          );
    this.addWidget(hint);
    if (rest) {
      this.addWidget(rest);
      await rest.renderModel(model);
    }
  }
}
