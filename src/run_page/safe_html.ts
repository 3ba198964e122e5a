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
const POLICY_WITH_SCRIPTS =
  `${POLICY}; script-src 'unsafe-inline' 'unsafe-eval'; ` +
  "require-trusted-types-for 'script'; trusted-types default";
const FILL =
  'html,body{height:100%;margin:0}iframe{display:block;width:100%;height:100%;border:0}';

/** Elements that hold another page. A policy forbids its request, but browsers connect before they ask it. */
const HOLDERS = /<(i?frame|fencedframe|portal|object|embed)(?=[\s/>])/gi;

/**
 * What runs before the scripts of a file. No policy forbids WebRTC, so its constructors go. A page within the page
 * would have them again: all markup that scripts make goes through one Trusted Types policy, which lets none through.
 */
const PRELUDE = `<script>
if (window.trustedTypes) {
  trustedTypes.createPolicy('default', {
    createHTML: (markup, _, sink) =>
      /srcdoc/i.test(sink) ? '' : markup.replace(${HOLDERS}, '<x-$1'),
    createScript: (code, _, sink) => (/location/i.test(sink) ? '' : code),
    createScriptURL: address => address
  });
}
for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection', 'trustedTypes']) {
  Object.defineProperty(window, name, { value: undefined });
}
</script>`;

/** Put the policy before anything of the file, so that nothing is loaded under another one. */
export function framed(html: string, withScripts: boolean): string {
  const policy = withScripts ? POLICY_WITH_SCRIPTS : POLICY;
  const content = html.replace(HOLDERS, '<x-$1');
  const inner = `${head(policy)}${withScripts ? PRELUDE : ''}</head><body>${content}</body></html>`;
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
