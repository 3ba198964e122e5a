/** Links in what a run left behind lead to the web or to a mailbox, however they got there (security row S18). */

const FOLLOWED = /^(https?|mailto):$/;

/**
 * Keep the links in an element harmless. JupyterLab makes links of plain text after it was sanitised, with any
 * scheme, and piece by piece while a long text is drawn.
 */
export function keepLinksHarmless(node: HTMLElement): void {
  disarm(node);
  new MutationObserver(() => disarm(node)).observe(node, {
    attributeFilter: ['href'],
    childList: true,
    subtree: true
  });
}

function disarm(node: HTMLElement): void {
  for (const link of node.querySelectorAll<HTMLAnchorElement>('a[href]')) {
    if (FOLLOWED.test(link.protocol)) {
      link.rel = 'noopener noreferrer';
    } else {
      link.removeAttribute('href');
    }
  }
}
