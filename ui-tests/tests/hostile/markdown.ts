/** Markdown that wants to be more than prose: raw HTML, links, formulas, diagrams. */
import { ATTACK, DATA_PAGE, type Files, SCRIPT_LINK } from './aims';

export function hostileMarkdown(origin: string): Files {
  const sources: Readonly<Record<string, string>> = {
    script: `<script>${ATTACK}</script>\n\n<img src="x" onerror="${ATTACK}">\n\n<svg><animate onbegin="${ATTACK}"/></svg>\n\n<details open ontoggle="${ATTACK}">x</details>`,
    frames: `<iframe srcdoc="<script>${ATTACK}</script>"></iframe>\n\n<object data="${DATA_PAGE}"></object>\n\n<embed src="${origin}/embed">\n\n<base href="${origin}/">\n\n<meta http-equiv="refresh" content="0;url=${origin}/refresh">`,
    links: `[a](${SCRIPT_LINK}) [b](JaVaScRiPt:alert(1)) [c](java&#10;script:alert(1)) [d](&#x6a;avascript:alert(1)) [e](${DATA_PAGE}) [f](vbscript:x) <javascript:alert(1)> [g]\n\n[g]: javascript:alert(1)\n\n<a href="${SCRIPT_LINK}" target="_top">h</a> <a href="\u0001javascript:alert(1)">i</a>`,
    pictures: `![picture](${origin}/markdown.png) ![reference][r] ![own](/logout?canary)\n\n[r]: ${origin}/reference.png\n\n<img src="/logout?canary"> <img srcset="${origin}/set.png 2x"> <picture><source srcset="${origin}/source.png"><img src="x"></picture>`,
    media: `<video poster="${origin}/poster.png" src="${origin}/video.mp4" autoplay></video>\n\n<audio autoplay src="${origin}/audio.mp3"></audio>\n\n<table background="${origin}/table.png"><tr><td background="${origin}/td.png">x</td></tr></table>\n\n<input type="image" src="${origin}/input.png">`,
    styles: `<style>@import url(${origin}/style.css); body { display: none }</style>\n\n<div style="background: url(${origin}/style.png)">x</div>\n\n<div style="background: u\\72l(${origin}/escaped.png)">x</div>\n\n<div style="background: image-set('${origin}/set.png' 1x)">x</div>\n\n<div style="position: fixed; inset: 0; z-index: 99999">x</div>\n\n<link rel="stylesheet" href="${origin}/link.css">`,
    names: `<form id="main" name="jupyterapp" action="${origin}/form"><input name="cookie"></form>\n\n<a id="jp-main-dock-panel" name="body">x</a>\n\n<img name="getElementById">\n\n<p id="jupyter-config-data">{"token": "x"}</p>`,
    headings: `# main\n\n## jp-main-dock-panel\n\n### jupyter-config-data\n\n[x](#main) [y](#cookie)`,
    commands: `<a data-commandlinker-command="mlops:trash-runs" data-commandlinker-args="{}">click</a>\n\n<button data-commandlinker-command="application:close-all">click</button>\n\n<div data-command-linker-command="x" data-jupyter-action="x" data-mime-type="application/javascript">x</div>`,
    formulas: `$\\href{javascript:alert(1)}{x}$ $\\href{${DATA_PAGE}}{y}$ $\\cssId{jp-main-dock-panel}{z}$ $\\class{jp-Dialog}{z}$ $\\style{background: url(${origin}/latex.png)}{z}$ $$\\require{html}\\data{commandlinker-command=x}{z}$$ $\\unicode[${origin}/font]{65}$`,
    formula_bomb: `$\\def\\a{\\a\\a}\\a$ $\\newcommand{\\b}[1]{\\b{#1}\\b{#1}}\\b{x}$ $$\\begin{array}{${'c'.repeat(2000)}}x\\end{array}$$ $\\rule{99999em}{99999em}$ $${'{'.repeat(500)}x$`,
    formula_markup: `$\\text{<img src=x onerror="${ATTACK}">}$ $x<img src=${origin}/x.png>y$ $\\mathrm{</math><script>${ATTACK}</script>}$`,
    diagrams: `\`\`\`mermaid\ngraph TD\n  A["<img src='${origin}/mermaid.png' onerror='${ATTACK}'>"] --> B\n  click A href "javascript:alert(1)"\n  click B call alert()\n\`\`\``,
    diagram_settings: `\`\`\`mermaid\n%%{init: {"securityLevel": "loose", "themeCSS": "@import url(${origin}/theme.css); * { background: url(${origin}/theme.png) }", "fontFamily": "x; background: url(${origin}/family.png)", "__proto__": {"canary": 1}}}%%\ngraph LR\n  A --> B\n\`\`\``,
    fences: `\`\`\`"><script>${ATTACK}</script>\ncode\n\`\`\`\n\n\`\`\`html\n<script>${ATTACK}</script>\n\`\`\`\n\n\`<img src=x onerror=${ATTACK}>\``,
    tables: `| a | <img src=x onerror="${ATTACK}"> |\n|---|---|\n| <script>${ATTACK}</script> | [x](${SCRIPT_LINK}) |\n| ![x](${origin}/cell.png) | \`|\` |`,
    attachments: `![x](attachment:x.svg) ![y](blob:x) ![z](file:///etc/passwd) ![s](data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" onload="${ATTACK}"><image href="${origin}/attached.png"/></svg>`)})`,
    mutation: `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=${ATTACK.replaceAll(' ', '')}&gt;">\n\n<noscript><p title="</noscript><img src=x onerror='${ATTACK}'>"></noscript>\n\n<svg><style><a title="</style><img src=x onerror='${ATTACK}'>"></svg>`,
    comments: `<!--><img src=x onerror="${ATTACK}">-->\n\n<![CDATA[<script>${ATTACK}</script>]]>\n\n<?php echo 1 ?>\n\n<!DOCTYPE html [<!ENTITY x SYSTEM "${origin}/entity">]>&x;`,
    deep: `${'>'.repeat(2000)} deep\n\n${'*a '.repeat(3000)}\n\n${'['.repeat(3000)}`
  };
  return Object.fromEntries(
    Object.entries(sources).map(([name, source]) => [
      `markdown/${name}.md`,
      `text\n\n${source}`
    ])
  );
}
