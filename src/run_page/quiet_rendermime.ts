/**
 * JupyterLab's renderers for what a run left behind: looking at it sends no request and arms no command.
 *
 * JupyterLab's sanitiser takes scripts away, but keeps pictures from anywhere and links that run
 * commands (`data-commandlinker-*`). A run may come from somebody else, so both go (security row S17).
 */
import type { IRenderMime, IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

/** Attributes that make a browser fetch something without a click. */
const LOADING = ['src', 'srcset', 'poster', 'background', 'data', 'ping'];
/** Attributes by which an element takes a name that scripts of the page look up. */
const NAMING = ['id', 'name'];
/** What is in the document itself. */
const CONTAINED = /^\s*(data|attachment):/i;

/**
 * Types whose renderers draw what is in the output and nothing else. A chart of Vega, or whatever another extension
 * draws, may name addresses that its renderer reads; such an output shows the picture or text that came with it.
 */
const SELF_CONTAINED = [
  'application/json',
  'application/vnd.jupyter.error',
  'application/vnd.jupyter.stderr',
  'application/vnd.jupyter.stdout',
  'image/bmp',
  'image/gif',
  'image/jpeg',
  'image/png',
  'image/webp',
  'text/html',
  'text/latex',
  'text/markdown',
  'text/plain'
];
/** After every other: only an output that has nothing else to show says that it is not drawn. */
const LAST = Number.MAX_SAFE_INTEGER;

/** The same renderers behind a stricter sanitiser, without those that may load something. */
export function quietRendermime(
  registry: IRenderMimeRegistry,
  trans: TranslationBundle
): IRenderMimeRegistry {
  const { sanitizer } = registry;
  const quiet: IRenderMime.ISanitizer = {
    sanitize: (dirty, options) => quieted(sanitizer.sanitize(dirty, options)),
    getAutolink: () => sanitizer.getAutolink?.() ?? true,
    allowNamedProperties: false,
    allowCommandLinker: false
  };
  const { markdownParser } = registry;
  const clone = registry.clone({
    sanitizer: quiet,
    markdownParser: markdownParser
      ? { render: source => markdownParser.render(withoutDiagrams(source)) }
      : undefined
  });
  const others = clone.mimeTypes.filter(type => !SELF_CONTAINED.includes(type));
  clone.addFactory(
    {
      safe: true,
      mimeTypes: others,
      createRenderer: ({ mimeType }) => new NotDrawn(mimeType, trans)
    },
    LAST
  );
  return clone;
}

/** Mermaid loads what a diagram names while it draws it, long before anything is sanitised: diagrams stay text. */
function withoutDiagrams(markdown: string): string {
  return markdown.replace(/([`~]{3,}[^\S\r\n]*)mermaid/gi, '$1mermaid-source');
}

/** In the place of an output that only a renderer which may load something could draw. */
class NotDrawn extends Widget implements IRenderMime.IRenderer {
  constructor(mimeType: string, trans: TranslationBundle) {
    super();
    this.addClass('jp-Mlops-Hint');
    this.node.textContent = trans.__(
      'Output of the type %1 is not drawn here, because it could load something from elsewhere. Open the notebook to see it.',
      mimeType
    );
  }

  renderModel(): Promise<void> {
    return Promise.resolve();
  }
}

/** Take out of sanitised HTML what loads, commands or names; without such it stays as it is. */
export function quieted(html: string): string {
  // A parsed document that is in no window loads nothing.
  const { body } = new DOMParser().parseFromString(html, 'text/html');
  let isChanged = false;
  for (const element of body.querySelectorAll('*')) {
    for (const { name, value } of [...element.attributes]) {
      if (
        name.startsWith('data-commandlinker') ||
        NAMING.includes(name) ||
        (LOADING.includes(name) && !CONTAINED.test(value)) ||
        (name === 'style' && /url\(|image-set\(|@import|\\/i.test(value))
      ) {
        element.removeAttribute(name);
        isChanged = true;
      }
    }
  }
  if (!isChanged) {
    return html;
  }
  const serializer = new XMLSerializer();
  return [...body.childNodes]
    .map(node => serializer.serializeToString(node))
    .join('');
}
