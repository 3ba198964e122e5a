/**
 * HTML of a run inside frames that can do nothing (security row S17).
 *
 * The inner frame holds the file. It has an opaque origin and, unless the reader asks for this one
 * file, no scripts; its policy forbids every request. What a policy cannot forbid is that a page
 * goes elsewhere by itself (`location`, a refresh), which would be a request too: that is decided
 * by the page around it, hence the outer frame, which allows no frame any address.
 */

const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:";
const POLICY_WITH_SCRIPTS = `${POLICY}; script-src 'unsafe-inline' 'unsafe-eval'`;
const FILL =
  'html,body{height:100%;margin:0}iframe{display:block;width:100%;height:100%;border:0}';

/** Put the policy before anything of the file, so that nothing is loaded under another one. */
export function framed(html: string, withScripts: boolean): string {
  const policy = withScripts ? POLICY_WITH_SCRIPTS : POLICY;
  const inner = `${head(policy)}</head><body>${html}</body></html>`;
  return (
    `${head(policy)}<style>${FILL}</style></head><body>` +
    `<iframe sandbox="${sandboxOf(withScripts)}" referrerpolicy="no-referrer" ` +
    `srcdoc="${quoted(inner)}"></iframe></body></html>`
  );
}

/** What the frame may do; never its origin, windows, forms or navigation of the page. */
export function sandboxOf(withScripts: boolean): string {
  return withScripts ? 'allow-scripts' : '';
}

function head(policy: string): string {
  return (
    '<!DOCTYPE html><html><head>' +
    `<meta http-equiv="Content-Security-Policy" content="${policy}">` +
    '<meta name="referrer" content="no-referrer">'
  );
}

function quoted(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
}
