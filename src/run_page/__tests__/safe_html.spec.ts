import { framed, sandboxOf } from '../safe_html';

function parsed(html: string): Document {
  return new DOMParser().parseFromString(html, 'text/html');
}

function inner(html: string, withScripts = false): Document {
  const frame = parsed(framed(html, withScripts)).querySelector('iframe');
  return parsed(frame?.getAttribute('srcdoc') ?? '');
}

function policyOf(page: Document): string {
  const meta = page.querySelector('meta[http-equiv="Content-Security-Policy"]');
  return meta?.getAttribute('content') ?? '';
}

describe('HTML of a run', () => {
  it('is shown as it is, in a frame within a frame', () => {
    const file = '<p title="a &amp; b">1 &lt; 2 &amp; "3"</p>';
    const page = parsed(framed(file, false));
    expect(page.querySelectorAll('p')).toHaveLength(0);
    const shown = inner(file).querySelector('p');
    expect(shown?.title).toBe('a & b');
    expect(shown?.textContent).toBe('1 < 2 & "3"');
  });

  it.each([
    '"></iframe><script>top.canary = 1</script>',
    '</body></html><script>top.canary = 1</script>',
    '&quot;&gt;<script>top.canary = 1</script>',
    '<!--',
    '<plaintext>'
  ])('cannot leave its frame by %j', file => {
    const page = parsed(framed(file, true));
    expect(page.querySelectorAll('script')).toHaveLength(0);
    expect(page.querySelectorAll('iframe')).toHaveLength(1);
    expect(page.body.children).toHaveLength(1);
  });

  it('runs nothing and loads nothing, by sandbox and by policy', () => {
    const page = parsed(framed('<script>1</script>', false));
    expect(sandboxOf(false)).toBe('');
    expect(page.querySelector('iframe')?.getAttribute('sandbox')).toBe('');
    for (const policy of [policyOf(page), policyOf(inner(''))]) {
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toContain('script-src');
      expect(policy).not.toMatch(/https?:|\*/);
    }
  });

  it('gets scripts when asked to, and no origin, window, form or way out', () => {
    const page = parsed(framed('', true));
    expect(sandboxOf(true)).toBe('allow-scripts');
    expect(page.querySelector('iframe')?.getAttribute('sandbox')).toBe(
      'allow-scripts'
    );
    // Nothing but default-src decides about frames and requests.
    expect(policyOf(page)).not.toMatch(/(frame|child|connect|form)-?\w*-?src/);
    expect(policyOf(inner('', true))).toContain("default-src 'none'");
  });

  it('finds the policy before anything of the file', () => {
    const page = inner(
      '<meta http-equiv="Content-Security-Policy" content="x">'
    );
    expect(policyOf(page)).toContain("default-src 'none'");
    expect(page.head.querySelectorAll('meta')).toHaveLength(2);
  });

  it.each([
    '<iframe src="http://canary.test/">',
    '<IFRAME\nsrcdoc="x">',
    '<frameset><frame/src="http://canary.test/">',
    '<object data="http://canary.test/"></object><embed src="x">',
    '<fencedframe></fencedframe><portal src="x"></portal>'
  ])('holds no other page, not even a forbidden one: %j', file => {
    for (const withScripts of [false, true]) {
      expect(
        inner(file, withScripts).querySelector(
          'iframe, frame, object, embed, fencedframe, portal'
        )
      ).toBeNull();
    }
  });

  it('has no scripts of ours unless it may have its own', () => {
    expect(inner('<p>x</p>').querySelector('script')).toBeNull();
    const [first, second] = inner('<script>1</script>', true).querySelectorAll(
      'script'
    );
    expect(first?.textContent).toContain('RTCPeerConnection');
    expect(second?.textContent).toBe('1');
  });
});
