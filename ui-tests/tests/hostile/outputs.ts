/** Cells and outputs of a notebook that attack whoever reads it. */
import { ATTACK, DATA_PAGE, SCRIPT_LINK } from './aims';

/** What a cell displays: a bundle of MIME types, and what it says about them. */
export interface IHostileOutput {
  name: string;
  data: Readonly<Record<string, unknown>>;
  metadata?: Readonly<Record<string, unknown>>;
}

const html = (name: string, source: string): IHostileOutput => ({
  name,
  data: { 'text/html': `<p>text</p>${source}`, 'text/plain': 'text' }
});

export function hostileOutputs(origin: string): IHostileOutput[] {
  const picture = `<svg xmlns="http://www.w3.org/2000/svg" onload="${ATTACK}"><script>${ATTACK}</script><image href="${origin}/svg.png"/></svg>`;
  return [
    html('script', `<script>${ATTACK}</script><img src="x" onerror="${ATTACK}">`),
    html(
      'frame',
      `<iframe srcdoc="<script>${ATTACK}</script>"></iframe><iframe src="${origin}/frame"></iframe><object data="${DATA_PAGE}"></object>`
    ),
    html(
      'loads',
      `<img src="${origin}/a.png" srcset="${origin}/b.png 2x"><video src="${origin}/v.mp4" poster="${origin}/p.png" autoplay></video><link rel="stylesheet" href="${origin}/l.css"><link rel="preconnect" href="${origin}"><style>@import url(${origin}/s.css)</style><div style="background: url(${origin}/d.png)">x</div>`
    ),
    html('refresh', `<meta http-equiv="refresh" content="0;url=${origin}/refresh"><base href="${origin}/">`),
    html(
      'commands',
      `<a data-commandlinker-command="mlops:trash-runs" data-commandlinker-args="{}">x</a><button onclick="${ATTACK}" data-commandlinker-command="application:close-all">x</button>`
    ),
    html(
      'names',
      `<form id="main" name="jupyterapp" action="${origin}/form"><input name="cookie"></form><a id="jp-main-dock-panel">x</a><p id="jupyter-config-data">{}</p>`
    ),
    html('links', `<a href="${SCRIPT_LINK}">x</a><a href="${DATA_PAGE}" target="_top" ping="${origin}/ping">x</a>`),
    html('deep table', `<table>${'<tr><td><table>'.repeat(800)}x`),
    {
      name: 'isolated',
      data: { 'text/html': `<script>${ATTACK}</script><img src="${origin}/isolated.png" onerror="${ATTACK}">text` },
      metadata: { isolated: true, 'text/html': { isolated: true } }
    },
    { name: 'svg', data: { 'image/svg+xml': picture, 'text/plain': 'text' } },
    { name: 'isolated svg', data: { 'image/svg+xml': picture, 'text/plain': 'text' }, metadata: { 'image/svg+xml': { isolated: true } } },
    { name: 'javascript', data: { 'application/javascript': ATTACK, 'text/plain': 'text' } },
    { name: 'javascript alone', data: { 'text/javascript': ATTACK, 'application/x-javascript': ATTACK } },
    {
      name: 'markdown',
      data: {
        'text/markdown': `text <img src="${origin}/md.png" onerror="${ATTACK}"> ![x](${origin}/md2.png) [x](${SCRIPT_LINK})\n\n# main`
      }
    },
    {
      name: 'latex',
      data: {
        'text/latex': `$$\\text{text} \\href{javascript:alert(1)}{x} \\cssId{main}{y} \\style{background: url(${origin}/latex.png)}{z}$$`
      }
    },
    {
      name: 'vega data',
      data: {
        'application/vnd.vega.v5+json': {
          $schema: 'https://vega.github.io/schema/vega/v5.json',
          data: [{ name: 'd', url: `${origin}/vega.json` }],
          marks: [{ type: 'image', encode: { enter: { url: { value: `${origin}/vega.png` } } } }]
        },
        'text/plain': 'text'
      }
    },
    {
      name: 'vega-lite data',
      data: {
        'application/vnd.vegalite.v5+json': {
          data: { url: `${origin}/vegalite.csv` },
          mark: 'bar',
          encoding: {},
          usermeta: { embedOptions: { patch: `${origin}/patch.json`, defaultStyle: `@import url(${origin}/vega.css)` } }
        },
        'text/plain': 'text'
      },
      metadata: { 'application/vnd.vegalite.v5+json': { embed_options: { patch: `${origin}/embed.json` } } }
    },
    {
      name: 'plotly',
      data: {
        'application/vnd.plotly.v1+json': {
          data: [],
          layout: { images: [{ source: `${origin}/plotly.png` }], title: `<a href="${SCRIPT_LINK}">x</a>` },
          config: { plotlyServerURL: origin }
        },
        'text/plain': 'text'
      }
    },
    {
      name: 'widget',
      data: { 'application/vnd.jupyter.widget-view+json': { model_id: '../../canary', version_major: 2, version_minor: 0 }, 'text/plain': 'text' }
    },
    {
      name: 'mermaid',
      data: {
        'text/vnd.mermaid': `%%{init: {"securityLevel": "loose", "themeCSS": "@import url(${origin}/mermaid.css)"}}%%\ngraph TD\n A["<img src='${origin}/mermaid.png' onerror='${ATTACK}'>"]`,
        'text/plain': 'text'
      }
    },
    {
      name: 'json',
      data: {
        'application/json': { text: 1, ['__proto__x']: `<script>${ATTACK}</script>`, constructor: { prototype: { canary: 1 } }, [`<img src=x onerror="${ATTACK}">`]: `${origin}/json` },
        'text/plain': 'text'
      }
    },
    { name: 'pdf', data: { 'application/pdf': Buffer.from(`<script>${ATTACK}</script>`).toString('base64'), 'text/plain': 'text' } },
    {
      name: 'false picture',
      data: { 'image/png': Buffer.from(`<script>${ATTACK}</script>`).toString('base64'), 'text/plain': 'text' }
    },
    {
      name: 'picture that leaves its attribute',
      data: { 'image/gif': `x" onerror="${ATTACK}" src="${origin}/gif`, 'text/plain': 'text' },
      metadata: { 'image/gif': { width: `1" onload="${ATTACK}`, height: { a: 1 }, alt: `<img src=x onerror="${ATTACK}">`, unconfined: true } }
    },
    {
      name: 'text',
      data: { 'text/plain': `text <script>${ATTACK}</script> ${origin}/autolink javascript:alert(1) \u001b]8;;javascript:alert(1)\u0007x\u001b]8;;\u0007 \u001b[31m<img src=x onerror="${ATTACK}">` }
    },
    {
      name: 'unknown types',
      data: {
        'application/geo+json': { type: 'Feature', properties: { text: `<script>${ATTACK}</script>` } },
        'application/vnd.dataresource+json': { data: [{ a: `<img src=x onerror="${ATTACK}">` }] },
        'application/vnd.bokehjs_exec.v0+json': '',
        'application/x-canary': `<script>${ATTACK}</script>`,
        'text/plain': 'text'
      },
      metadata: { 'application/vnd.bokehjs_exec.v0+json': { id: 'x', server_id: origin }, collapsed: 'x', scrolled: { a: 1 } }
    }
  ];
}

/** Cells that print and raise what hurts; each a line of Python. */
export function hostilePrints(origin: string): string[] {
  const markup = JSON.stringify(`text <script>${ATTACK}</script><img src="${origin}/stream.png" onerror="${ATTACK}">`);
  return [
    `print(${markup})`,
    `import sys; print("\\x1b]8;;javascript:alert(1)\\x07text\\x1b]8;;\\x07 \\x1b[31m" + ${markup} + "\\b" * 500 + "\\r", file=sys.stderr)`,
    `print("text " + "<b>" * 100_000)`,
    `print("text \\u202e\\u2066 \\ud7ff \\x00 \\x9b31m")`
  ];
}

/** Raises an error whose name, text and traceback are markup. */
export function hostileError(origin: string): string {
  return `raise type("<img src=x onerror='${ATTACK}'>", (Exception,), {})("text <script>${ATTACK}</script><img src=${origin}/error.png>")`;
}
