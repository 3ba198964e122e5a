/**
 * JupyterLab's renderers for what a run left behind: looking at it sends no request and arms no command.
 *
 * JupyterLab's sanitiser takes scripts away, but keeps pictures from anywhere and links that run
 * commands (`data-commandlinker-*`). A run may come from somebody else, so both go (security row S17).
 */
import type { IRenderMime, IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';

import { keepLinksHarmless } from './harmless_links';
import { type Bundle, type ILeft, NOT_DRAWN, NotDrawn } from './not_drawn';
import { SVG, SvgPicture } from './svg_picture';

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
  SVG,
  'text/html',
  'text/latex',
  'text/markdown',
  'text/plain'
];
const HTML = 'text/html';
/** Where JupyterLab itself puts drawings. */
const SVG_RANK = 80;

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
  for (const type of clone.mimeTypes) {
    if (!SELF_CONTAINED.includes(type)) {
      clone.removeMimeType(type);
    }
  }
  clone.addFactory(
    {
      safe: true,
      mimeTypes: [SVG],
      createRenderer: () => new SvgPicture(trans.__('Drawing'))
    },
    registry.getRank(SVG) ?? SVG_RANK
  );
  const prefer = clone.preferredMimeType.bind(clone);
  const leave = (bundle: Bundle): ILeft => {
    const missing = notDrawnIn(bundle);
    const { [HTML]: html, ...others } = bundle;
    const type = prefer(isMadeByScripts(html, quiet) ? others : bundle);
    return {
      missing,
      rest: type && type !== NOT_DRAWN ? clone.createRenderer(type) : null
    };
  };
  clone.addFactory({
    safe: true,
    mimeTypes: [NOT_DRAWN],
    createRenderer: () => new NotDrawn(leave, trans)
  });
  // Made part of the factories, which are in the copy too that a Markdown cell makes for its attachments.
  for (const type of clone.mimeTypes) {
    const factory = clone.getFactory(type);
    if (factory) {
      clone.addFactory(withHarmlessLinks(type, factory), clone.getRank(type));
    }
  }
  // An output is read by what is the best of it, and has to say so when that is not drawn.
  clone.preferredMimeType = (bundle, safe) => {
    const type = prefer(bundle, safe);
    const isLess = type?.startsWith('image/')
      ? false
      : notDrawnIn(bundle) !== null ||
        (type === HTML && isMadeByScripts(bundle[HTML], quiet));
    return isLess ? NOT_DRAWN : type;
  };
  return clone;
}

function withHarmlessLinks(
  type: string,
  factory: IRenderMime.IRendererFactory
): IRenderMime.IRendererFactory {
  return {
    safe: factory.safe,
    mimeTypes: [type],
    createRenderer: options => {
      const renderer = factory.createRenderer(options);
      keepLinksHarmless(renderer.node);
      return renderer;
    }
  };
}

/** The type in an output that only a renderer which may load something could draw. */
function notDrawnIn(bundle: Bundle): string | null {
  const types = Object.keys(bundle);
  const others = types.filter(type => !SELF_CONTAINED.includes(type));
  const isAlone = others.length === types.length;
  return (
    others.find(type => isAlone || type.startsWith('application/')) ?? null
  );
}

/** Whether nothing of some HTML is left to see without its scripts and frames. */
function isMadeByScripts(
  html: unknown,
  quiet: IRenderMime.ISanitizer
): boolean {
  if (
    typeof html !== 'string' ||
    !/<(script|iframe|object|embed)\b/i.test(html)
  ) {
    return false;
  }
  const { body } = new DOMParser().parseFromString(
    quiet.sanitize(html),
    'text/html'
  );
  return !body.textContent?.trim() && !body.querySelector('img');
}

/** Mermaid loads what a diagram names while it draws it, long before anything is sanitised: diagrams stay text. */
function withoutDiagrams(markdown: string): string {
  return markdown.replace(/([`~]{3,}[^\S\r\n]*)mermaid/gi, '$1mermaid-source');
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
