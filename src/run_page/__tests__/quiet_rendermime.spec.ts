import {
  MimeModel,
  RenderMimeRegistry,
  standardRendererFactories
} from '@jupyterlab/rendermime';
import { nullTranslator } from '@jupyterlab/translation';
import type { JSONValue } from '@lumino/coreutils';
import { Widget } from '@lumino/widgets';

import { quieted, quietRendermime } from '../quiet_rendermime';

const trans = nullTranslator.load('jupyter_mlops');

async function rendered(mimeType: string, text: string): Promise<HTMLElement> {
  const registry = quietRendermime(
    new RenderMimeRegistry({ initialFactories: standardRendererFactories }),
    trans
  );
  const renderer = registry.createRenderer(mimeType);
  await renderer.renderModel(
    new MimeModel({ data: { [mimeType]: text }, trusted: false })
  );
  const { node } = renderer;
  renderer.dispose();
  return node;
}

/** An output as an output area draws it. */
async function drawn(
  data: Record<string, JSONValue>
): Promise<{ text: string; node: HTMLElement }> {
  const quiet = quietRendermime(
    new RenderMimeRegistry({ initialFactories: standardRendererFactories }),
    trans
  );
  const renderer = quiet.createRenderer(quiet.preferredMimeType(data) ?? '');
  Widget.attach(renderer, document.body);
  await renderer.renderModel(new MimeModel({ data, trusted: false }));
  const { node } = renderer;
  const text = node.textContent ?? '';
  const copy = node.cloneNode(true) as HTMLElement;
  renderer.dispose();
  return { text, node: copy };
}

describe('what a run left behind, rendered', () => {
  it.each([
    'data:text/html,x',
    `${'javascript'}://%0awindow.canary=1`,
    'file:///etc/passwd',
    'vscode://canary/x'
  ])('links nowhere but to the web: %s', async address => {
    for (const type of ['text/plain', 'application/vnd.jupyter.stdout']) {
      const node = await rendered(type, `see ${address} there`);
      expect(node.textContent).toContain(address);
      expect(node.querySelector('[href]')).toBeNull();
    }
  });

  it('links nowhere else from the copy of the renderers that a Markdown cell makes', async () => {
    const renderer = quietRendermime(
      new RenderMimeRegistry({ initialFactories: standardRendererFactories }),
      trans
    )
      .clone()
      .createRenderer('text/plain');
    await renderer.renderModel(
      new MimeModel({ data: { 'text/plain': 'see file:///etc/passwd' } })
    );
    expect(renderer.node.textContent).toContain('file:///etc/passwd');
    expect(renderer.node.querySelector('[href]')).toBeNull();
    renderer.dispose();
  });

  it('links to the web, and tells nobody where from', async () => {
    const node = await rendered('text/plain', 'see https://example.org there');
    const link = node.querySelector('a');
    expect(link?.getAttribute('href')).toBe('https://example.org');
    expect(link?.rel).toBe('noopener noreferrer');
  });

  it.each([
    '<img src="http://canary.test/a.png">',
    '<img src="/logout">',
    '<img srcset="http://canary.test/a.png 2x">',
    '<video poster="http://canary.test/a.png"></video>',
    '<audio src="http://canary.test/a.mp3"></audio>',
    '<table background="http://canary.test/a.png"></table>',
    '<div style="background: url(http://canary.test/a.png)"></div>',
    '<div style="background: u\\72l(http://canary.test/a.png)"></div>',
    '<a ping="http://canary.test/" href="#x">x</a>'
  ])('loads nothing: %s', html => {
    expect(quieted(html)).not.toMatch(/canary|logout/);
  });

  it('arms no command of JupyterLab', async () => {
    const node = await rendered(
      'text/html',
      '<p>see <a data-commandlinker-command="mlops:trash-runs" data-commandlinker-args="{}">this</a></p>'
    );
    expect(node.textContent).toContain('this');
    expect(node.querySelector('[data-commandlinker-command]')).toBeNull();
    expect(node.querySelector('[data-commandlinker-args]')).toBeNull();
  });

  it('keeps no id or name that the page would mistake for its own', async () => {
    const node = await rendered(
      'text/html',
      '<form id="main"><input name="cookie"></form><a name="jupyterapp">x</a><img name="getElementById" src="data:,"><p id="jp-main-dock-panel">y</p>'
    );
    expect(node.querySelector('[id], [name]')).toBeNull();
  });

  it('keeps pictures that are part of the text, and everything that is harmless', () => {
    const html =
      '<h1>T</h1><p style="color: red">a<br>b</p><img src="data:image/png;base64,AA=="><pre>\n\n x</pre>';
    expect(quieted(html)).toBe(html);
  });

  it('keeps the rest when it takes something out', () => {
    const node = document.createElement('div');
    node.append(
      ...new DOMParser().parseFromString(
        quieted(
          '<p>a &lt; b<br>c</p><img alt="chart" src="/x"><table><tr><td></td><td>1</td></tr></table>'
        ),
        'text/html'
      ).body.childNodes
    );
    expect(node.querySelector('p')?.textContent).toBe('a < bc');
    expect(node.querySelector('img')?.getAttribute('alt')).toBe('chart');
    expect(node.querySelectorAll('td')).toHaveLength(2);
  });

  it.each(['```mermaid', '~~~~ mermaid', '> ```\u00a0mermaid', '- ```mermaid'])(
    'leaves a diagram as text: %j',
    async fence => {
      const render = jest.fn(async (source: string) => source);
      const quiet = quietRendermime(
        new RenderMimeRegistry({
          initialFactories: standardRendererFactories,
          markdownParser: { render }
        }),
        trans
      );
      await quiet.markdownParser?.render(`# mermaid\n\n${fence}\ngraph TD\n`);
      expect(render.mock.calls[0]?.[0]).toBe(
        `# mermaid\n\n${fence}-source\ngraph TD\n`
      );
    }
  );

  it('draws SVG as a picture, in which nothing of it runs, and lets go of it', async () => {
    const made: Blob[] = [];
    const revoked: string[] = [];
    URL.createObjectURL = content => `blob:${made.push(content as Blob)}`;
    URL.revokeObjectURL = address => void (address && revoked.push(address));
    const quiet = quietRendermime(
      new RenderMimeRegistry({ initialFactories: standardRendererFactories }),
      trans
    );
    const type = 'image/svg+xml';
    const data = { [type]: '<svg onload="x"/>', 'text/plain': 'Figure' };
    expect(quiet.preferredMimeType(data)).toBe(type);
    const renderer = quiet.createRenderer(type);
    await renderer.renderModel(new MimeModel({ data, trusted: false }));
    expect(renderer.node.querySelector('svg')).toBeNull();
    expect(renderer.node.querySelector('img')?.getAttribute('src')).toBe(
      'blob:1'
    );
    expect(made[0]?.type).toBe(type);
    await renderer.renderModel(new MimeModel({ data, trusted: false }));
    expect(revoked).toEqual(['blob:1']);
    renderer.dispose();
    expect(revoked).toEqual(['blob:1', 'blob:2']);
  });

  it('says above the rest of an output that its chart is not drawn', async () => {
    const { text, node } = await drawn({
      'application/vnd.vegalite.v5+json': { mark: 'bar' },
      'text/plain': 'alt.Chart(...)'
    });
    expect(text).toMatch(/vegalite\.v5\+json\) is not drawn.*alt\.Chart/s);
    expect(node.querySelector('pre')?.textContent).toBe('alt.Chart(...)');
  });

  it('says so where no extension is installed that could draw it', async () => {
    const { text } = await drawn({
      'application/vnd.plotly.v1+json': { data: [] },
      'text/html': '<div id="x"></div><script>Plotly.newPlot("x")</script>'
    });
    expect(text).toMatch(/plotly\.v1\+json\) is not drawn/);
  });

  it('says so when scripts or frames are all there is', async () => {
    const { text } = await drawn({
      'text/html': '<div><iframe srcdoc="<p>map</p>"></iframe></div>',
      'text/plain': 'a map'
    });
    expect(text).toMatch(/made by scripts.*a map/s);
  });

  it.each([
    { 'text/html': '<b>model</b><script>1</script>', 'text/plain': 'm' },
    { 'text/plain': 'text' },
    { 'image/png': 'AA==', 'application/vnd.vegalite.v5+json': {} }
  ])('says nothing where there is something to see: %j', bundle => {
    const quiet = quietRendermime(
      new RenderMimeRegistry({ initialFactories: standardRendererFactories }),
      trans
    );
    expect(quiet.preferredMimeType(bundle)).toBe(Object.keys(bundle)[0]);
  });

  it('asks no extension to draw what could name an address', async () => {
    const chart = 'application/vnd.vega.v5+json';
    const registry = new RenderMimeRegistry({
      initialFactories: standardRendererFactories
    });
    const asked = jest.fn();
    registry.addFactory(
      {
        safe: true,
        mimeTypes: [chart],
        createRenderer: () =>
          Object.assign(new Widget(), { renderModel: asked })
      },
      0
    );
    const quiet = quietRendermime(registry, trans);
    const bundle = { [chart]: {}, 'text/plain': 'Chart' };
    expect(registry.preferredMimeType(bundle)).toBe(chart);
    for (const data of [bundle, { [chart]: {} }]) {
      const type = quiet.preferredMimeType(data) ?? '';
      const renderer = quiet.createRenderer(type);
      await renderer.renderModel(new MimeModel({ data }));
      expect(renderer.node.textContent).toContain(chart);
      renderer.dispose();
    }
    expect(() => quiet.createRenderer(chart)).toThrow(/No factory/);
    expect(asked).not.toHaveBeenCalled();
  });
});
