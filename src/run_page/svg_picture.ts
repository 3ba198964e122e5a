/** A drawing of a notebook as a picture: an image element runs no script of it and loads nothing it names. */
import type { IRenderMime } from '@jupyterlab/rendermime';
import { Widget } from '@lumino/widgets';

export const SVG = 'image/svg+xml';

export class SvgPicture extends Widget implements IRenderMime.IRenderer {
  constructor(private readonly _alt: string) {
    super();
    this.addClass('jp-RenderedImage');
  }

  renderModel({ data }: IRenderMime.IMimeModel): Promise<void> {
    this._forget();
    this._address = URL.createObjectURL(
      new Blob([String(data[SVG] ?? '')], { type: SVG })
    );
    const image = document.createElement('img');
    image.alt = this._alt;
    image.src = this._address;
    this.node.replaceChildren(image);
    return Promise.resolve();
  }

  override dispose(): void {
    this._forget();
    super.dispose();
  }

  private _forget(): void {
    URL.revokeObjectURL(this._address);
    this._address = '';
  }

  private _address = '';
}
