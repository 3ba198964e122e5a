/** What hostile content is made of: the change it wants to make, and who it wants to reach. */

/** File name → content; bytes where text cannot say it. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** Leaves a mark on every window that it reaches. */
export const ATTACK = 'window.canary = parent.canary = top.canary = 1';

/** The same inside an address. */
export const SCRIPT_LINK = `javascript:${encodeURIComponent(ATTACK)}`;

/** A page that attacks, as an address of its own. */
export const DATA_PAGE = `data:text/html,${encodeURIComponent(`<script>${ATTACK}</script>`)}`;

/** The file whose script tries every way out, and tells its parent how each went. */
export const TELLS_ITSELF = 'html/tells_itself.html';

export function script(code: string): string {
  return `<p>text</p><script>${code}</script>`;
}
