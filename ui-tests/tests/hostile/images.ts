/** Pictures that are more than pictures: SVG that runs and loads, and files under a false name. */
import { ATTACK, type Files, SCRIPT_LINK } from './aims';

const SPACES =
  'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="40" height="20"';
const RECT = '<rect width="40" height="20"/>';

function svg(content: string, attributes = '', prologue = ''): string {
  return `${prologue}<svg ${SPACES} ${attributes}>${RECT}${content}</svg>`;
}

function bytes(...parts: (string | number[])[]): Uint8Array {
  return Buffer.concat(parts.map(part => Buffer.from(part as string)));
}

export function hostileImages(origin: string): Files {
  return {
    'svg/script.svg': svg(
      `<script>${ATTACK}</script><script href="${origin}/svg.js"/><script xlink:href="data:text/javascript,${encodeURIComponent(ATTACK)}"/>`
    ),
    'svg/handlers.svg': svg(
      `<rect onfocusin="${ATTACK}" tabindex="0" autofocus=""/><image href="x" onerror="${ATTACK}"/>`,
      `onload="${ATTACK}"`
    ),
    'svg/foreign.svg': svg(
      `<foreignObject width="40" height="20"><body xmlns="http://www.w3.org/1999/xhtml"><iframe src="${origin}/foreign"/><img src="${origin}/foreign.png" onerror="${ATTACK}"/><script>${ATTACK}</script><form action="${origin}/f"><input autofocus="" onfocus="${ATTACK}"/></form></body></foreignObject>`
    ),
    'svg/use.svg': svg(
      `<use href="${origin}/use.svg#x"/><use xlink:href="data:image/svg+xml;base64,${Buffer.from(svg(`<script>${ATTACK}</script>`, 'id="x"')).toString('base64')}#x"/>`
    ),
    'svg/animate.svg': svg(
      `<a><animate attributeName="href" values="${SCRIPT_LINK}" begin="0s"/><text y="9">x</text></a><set attributeName="onload" to="${ATTACK}"/><animate onbegin="${ATTACK}" attributeName="x" dur="1s"/><handler type="text/javascript">${ATTACK}</handler>`
    ),
    'svg/external_image.svg': svg(
      `<image href="${origin}/svg.png" width="9" height="9"/><feImage href="${origin}/fe.png"/><filter id="f"><feImage href="${origin}/filter.png"/></filter><rect filter="url(#f)" width="9" height="9" fill="url(${origin}/paint.svg#p)"/>`
    ),
    'svg/external_style.svg': svg(
      `<style>@import url(${origin}/svg.css); @font-face { font-family: f; src: url(${origin}/svg.woff2) } text { font-family: f; mask: url(${origin}/mask.svg#m) }</style><link xmlns="http://www.w3.org/1999/xhtml" rel="stylesheet" href="${origin}/link.css"/><text y="9">x</text>`,
      '',
      `<?xml version="1.0"?><?xml-stylesheet href="${origin}/pi.css"?>`
    ),
    'svg/entities.svg': svg(
      '<text y="9">&file;&remote;</text>',
      '',
      `<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "${origin}/dtd" [<!ENTITY file SYSTEM "file:///etc/passwd"><!ENTITY remote SYSTEM "${origin}/entity"><!ENTITY % outer SYSTEM "${origin}/outer"> %outer;]>`
    ),
    'svg/laughs.svg': svg(
      '<text y="9">&e9;</text>',
      '',
      `<!DOCTYPE svg [<!ENTITY e0 "ha">${Array.from({ length: 9 }, (_, i) => `<!ENTITY e${i + 1} "${`&e${i};`.repeat(10)}">`).join('')}]>`
    ),
    'svg/media.svg': svg(
      `<video xmlns="http://www.w3.org/1999/xhtml" src="${origin}/v.mp4" autoplay=""/><audio xmlns="http://www.w3.org/1999/xhtml" src="${origin}/a.mp3" autoplay=""/><cursor href="${origin}/c.cur"/><discard begin="0s"/><mpath href="${origin}/m"/>`
    ),
    'false/page.png': `<!DOCTYPE html><script>${ATTACK}</script><img src="${origin}/false.png">`,
    'false/drawing.jpg': svg(`<script>${ATTACK}</script>`),
    'false/both.gif': bytes(
      `GIF89a/*`,
      [1, 0, 1, 0, 0, 0, 0],
      `*/=1;${ATTACK};//<script>${ATTACK}</script>`
    ),
    'false/broken.webp': bytes('RIFF', [255, 255, 255, 255], 'WEBPVP8L', [
      255, 255, 255, 255, 47, 0, 0, 0
    ])
  };
}
