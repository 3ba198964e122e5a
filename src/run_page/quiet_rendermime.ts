/**
 * JupyterLab's renderers for what a run left behind: looking at it sends no request and arms no command.
 *
 * JupyterLab's sanitiser takes scripts away, but keeps pictures from anywhere and links that run
 * commands (`data-commandlinker-*`). A run may come from somebody else, so both go (security row S17).
 */
import type { IRenderMime, IRenderMimeRegistry } from '@jupyterlab/rendermime';

/** Attributes that make a browser fetch something without a click. */
const LOADING = ['src', 'srcset', 'poster', 'background', 'data', 'ping'];
/** Attributes by which an element takes a name that scripts of the page look up. */
const NAMING = ['id', 'name'];
/** What is in the document itself. */
const CONTAINED = /^\s*(data|attachment):/i;

/** The same renderers behind a stricter sanitiser. */
export function quietRendermime(
  registry: IRenderMimeRegistry
): IRenderMimeRegistry {
  const { sanitizer } = registry;
  const quiet: IRenderMime.ISanitizer = {
    sanitize: (dirty, options) => quieted(sanitizer.sanitize(dirty, options)),
    getAutolink: () => sanitizer.getAutolink?.() ?? true,
    allowNamedProperties: false,
    allowCommandLinker: false
  };
  return registry.clone({ sanitizer: quiet });
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
