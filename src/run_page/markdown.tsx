/** Markdown that somebody wrote, through JupyterLab's own sanitiser. */
import { type IRenderMimeRegistry, MimeModel } from '@jupyterlab/rendermime';
import { Widget } from '@lumino/widgets';
import { useLayoutEffect, useRef } from 'react';

export interface IMarkdownProps {
  text: string;
  rendermime: IRenderMimeRegistry;
}

/** Render untrusted Markdown. */
export function Markdown({ text, rendermime }: IMarkdownProps): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  // A layout effect: its end comes while the node is still in the page, as Lumino wants it.
  useLayoutEffect(() => {
    const node = host.current;
    if (!node) {
      return;
    }
    const renderer = rendermime.createRenderer('text/markdown');
    void renderer.renderModel(
      new MimeModel({ data: { 'text/markdown': text }, trusted: false })
    );
    Widget.attach(renderer, node);
    return () => {
      Widget.detach(renderer);
      renderer.dispose();
    };
  }, [text, rendermime]);
  return <div className="jp-Mlops-Markdown" ref={host} />;
}
