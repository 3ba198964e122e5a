import {
  MimeModel,
  RenderMimeRegistry,
  standardRendererFactories
} from '@jupyterlab/rendermime';
import { nullTranslator } from '@jupyterlab/translation';
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

describe('what a run left behind, rendered', () => {
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
    expect(quiet.preferredMimeType(bundle)).toBe('text/plain');
    expect(quiet.preferredMimeType({ [chart]: {} })).toBe(chart);
    const renderer = quiet.createRenderer(chart);
    await renderer.renderModel(new MimeModel({ data: { [chart]: {} } }));
    expect(renderer.node.textContent).toContain(chart);
    expect(asked).not.toHaveBeenCalled();
    renderer.dispose();
  });
});
