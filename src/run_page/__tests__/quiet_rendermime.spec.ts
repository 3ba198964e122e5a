import {
  MimeModel,
  RenderMimeRegistry,
  standardRendererFactories
} from '@jupyterlab/rendermime';

import { quieted, quietRendermime } from '../quiet_rendermime';

async function rendered(mimeType: string, text: string): Promise<HTMLElement> {
  const registry = quietRendermime(
    new RenderMimeRegistry({ initialFactories: standardRendererFactories })
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
});
