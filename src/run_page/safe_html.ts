/**
 * HTML of a run inside a frame that can do nothing (security row S17).
 *
 * The frame has an opaque origin and, unless the reader asks for this one file, no scripts. The
 * policy inside it forbids every request, so that even a script could call nobody.
 */

const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:";
const POLICY_WITH_SCRIPTS = `${POLICY}; script-src 'unsafe-inline' 'unsafe-eval'`;

/** Put the policy before anything of the file, so that nothing is loaded under another one. */
export function framed(html: string, withScripts: boolean): string {
  const policy = withScripts ? POLICY_WITH_SCRIPTS : POLICY;
  return (
    '<!DOCTYPE html><html><head>' +
    `<meta http-equiv="Content-Security-Policy" content="${policy}">` +
    '<meta name="referrer" content="no-referrer"></head><body>' +
    `${html}</body></html>`
  );
}

/** What the frame may do; never its origin, windows, forms or navigation of the page. */
export function sandboxOf(withScripts: boolean): string {
  return withScripts ? 'allow-scripts' : '';
}
