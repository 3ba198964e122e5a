/** A hundred texts that want to be more than text, and what a tree of nodes is made of. */

const ATTACK = 'window.canary=1';
const MARKUP = [
  `<script>${ATTACK}</script>`,
  `<img src=x onerror="${ATTACK}">`,
  `<svg onload="${ATTACK}"><circle/></svg>`,
  `<iframe srcdoc="<script>parent.canary=1</script>"></iframe>`,
  `<a href="javascript:${ATTACK}">click</a>`,
  `<object data="data:text/html,x"></object>`,
  `<style>@import '//evil.example'</style>`,
  `<button data-commandlinker-command="x">b</button>`,
  `<form action="//evil.example"><input name="_xsrf"></form>`,
  `<base href="//evil.example/">`,
  `<math><mtext><b>x</b></mtext></math>`,
  `<details open ontoggle="${ATTACK}">d</details>`,
  `<template><p>t</p></template>`,
  `<b id="jp-MainLogo">clobber</b>`,
  `<link rel="stylesheet" href="//evil.example/x.css">`,
  `<meta http-equiv="refresh" content="0;url=//evil.example">`,
  `[link](javascript:${ATTACK})`,
  `![picture](//evil.example/beacon.png)`,
  `javascript:${ATTACK}`,
  `https://evil.example/?<b>`
];
/** Where a text may be cut open: by a quote, a tag that ends, an entity, a template, a terminal. */
const WRAPPED: ((text: string) => string)[] = [
  text => text,
  text => `"'>${text}`,
  text => `</td></tr></table></pre></textarea></title>${text}`,
  text => `{{${text}}} \${${text}} &lt;${text}&gt;`,
  text => `\u001b[31m${text}\u001b]8;;https://evil.example\u0007\u202e`
];

export const HOSTILE_TEXTS: readonly string[] = WRAPPED.flatMap(wrap =>
  MARKUP.map(wrap)
);

/** The elements of a tree in order, with all their attributes' names but for what text they hold. */
export function elementsOf(root: Element): string[] {
  return [...root.querySelectorAll('*')].map(
    element =>
      `${element.tagName} ${element
        .getAttributeNames()
        .filter(name => name !== 'title')
        .join(' ')}`
  );
}
