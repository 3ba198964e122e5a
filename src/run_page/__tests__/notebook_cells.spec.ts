import type { CodeEditor } from '@jupyterlab/codeeditor';
import { CodeMirrorEditorFactory } from '@jupyterlab/codemirror';
import type * as nbformat from '@jupyterlab/nbformat';
import {
  RenderMimeRegistry,
  standardRendererFactories
} from '@jupyterlab/rendermime';
import type { JSONValue } from '@lumino/coreutils';
import { Widget } from '@lumino/widgets';

import { NotebookCells } from '../notebook_cells';

/** Says that everything which is looked for is near the screen, when a test wants that. */
class Screen {
  static looking: Screen[] = [];
  readonly targets = new Set<Element>();

  constructor(private readonly _tell: (entries: unknown[]) => void) {
    Screen.looking.push(this);
  }

  observe(target: Element): void {
    this.targets.add(target);
  }

  unobserve(target: Element): void {
    this.targets.delete(target);
  }

  disconnect(): void {
    this.targets.clear();
  }

  static show(test: (target: Element) => boolean = () => true): void {
    for (const screen of Screen.looking) {
      screen._tell(
        [...screen.targets]
          .filter(test)
          .map(target => ({ target, isIntersecting: true }))
      );
    }
  }
}

/** Says that the cells grew. */
const growth: (() => void)[] = [];
const grow = (): void => growth.forEach(tell => tell());
const scrolledTo: Element[] = [];

const printed = (text: string): nbformat.IOutput => ({
  output_type: 'stream',
  name: 'stdout',
  text
});

const shownText = (data: string): nbformat.IOutput => ({
  output_type: 'display_data',
  metadata: {},
  data: { 'text/plain': data }
});

function content(
  cells: readonly [source: string, outputs?: nbformat.IOutput[]][]
): nbformat.INotebookContent {
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { language_info: { name: 'python' } },
    cells: cells.map(([source, outputs], index) =>
      outputs
        ? {
            cell_type: 'code',
            metadata: { trusted: true },
            execution_count: index + 1,
            source,
            outputs
          }
        : { cell_type: 'markdown', metadata: {}, source }
    )
  };
}

let host: HTMLElement;
let cells: NotebookCells;

beforeEach(() => {
  Screen.looking = [];
  scrolledTo.length = 0;
  growth.length = 0;
  globalThis.IntersectionObserver =
    Screen as unknown as typeof IntersectionObserver;
  globalThis.ResizeObserver = class {
    constructor(private readonly _tell: () => void) {}
    observe(target: Element): void {
      if (target.classList.contains('jp-Mlops-NotebookCells')) {
        growth.push(this._tell);
      }
    }
    unobserve(): void {}
    disconnect(): void {}
  } as unknown as typeof ResizeObserver;
  Element.prototype.scrollIntoView = function (this: Element): void {
    scrolledTo.push(this);
  };
  Range.prototype.getClientRects = () => [] as unknown as DOMRectList;
  host = document.createElement('div');
  document.body.append(host);
  const factory: CodeEditor.Factory = options =>
    new CodeMirrorEditorFactory().newInlineEditor(options);
  cells = new NotebookCells(
    {
      editorFactory: factory,
      mimeTypeService: {
        getMimeTypeByLanguage: () => 'text/x-python',
        getMimeTypeByFilePath: () => 'text/plain'
      }
    },
    new RenderMimeRegistry({ initialFactories: standardRendererFactories }),
    host
  );
  Widget.attach(cells, host);
});

afterEach(() => {
  Widget.detach(cells);
  cells.dispose();
  host.remove();
});

const places = (): Element[] => [
  ...host.querySelectorAll('.jp-Mlops-CellPlace')
];
const outputs = (): string[] =>
  [...host.querySelectorAll('.jp-OutputArea-output')].map(
    node => node.textContent ?? ''
  );

async function drawn(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) {
    await new Promise(resolve => setTimeout(resolve));
  }
}

describe('the cells of an executed notebook', () => {
  it('have a place each, and are drawn when it comes near the screen', () => {
    cells.setContent(
      content(Array.from({ length: 300 }, (_, i) => [`x = ${i}`, []]))
    );
    expect(places()).toHaveLength(300);
    expect(host.querySelectorAll('.jp-Cell')).toHaveLength(0);
    Screen.show(target => places().indexOf(target) < 3);
    expect(host.querySelectorAll('.jp-Cell')).toHaveLength(3);
    Screen.show(target => places().indexOf(target) < 3);
    expect(host.querySelectorAll('.jp-Cell')).toHaveLength(3);
  });

  it('show their outputs', async () => {
    cells.setContent(content([['# Head'], ['print(1)', [printed('one\n')]]]));
    Screen.show();
    await drawn();
    expect(
      host.querySelector('.jp-MarkdownCell .jp-MarkdownOutput')?.textContent
    ).toContain('Head');
    expect(outputs()).toEqual(['one\n']);
  });

  it('show texts whole that the file holds as lists of lines', async () => {
    const shown = (type: string, data: JSONValue): nbformat.IOutput => ({
      output_type: 'display_data',
      metadata: {},
      data: { [type]: data }
    });
    cells.setContent({
      ...content([]),
      cells: [
        { cell_type: 'markdown', metadata: {}, source: ['# He', 'ad\n'] },
        {
          cell_type: 'code',
          metadata: {},
          execution_count: 1,
          source: ['a = 1\n', 'b = 2'],
          outputs: [
            {
              output_type: 'stream',
              name: 'stdout',
              text: ['a\n', 'b\n', 'c']
            },
            shown('text/plain', ['one\n', 'two']),
            shown('text/html', ['<table><tr>\n', '<td>7</td></tr></table>']),
            {
              output_type: 'error',
              ename: 'E',
              evalue: 'v',
              traceback: ['first', 'second']
            }
          ]
        }
      ]
    });
    Screen.show();
    await drawn();
    expect(host.querySelector('.jp-MarkdownOutput')?.textContent).toContain(
      'Head'
    );
    expect(host.querySelectorAll('.jp-CodeCell .cm-line')).toHaveLength(2);
    expect(outputs().map(text => text.trim())).toEqual([
      'a\nb\nc',
      'one\ntwo',
      '7',
      'first\nsecond'
    ]);
    expect(host.querySelector('td')?.textContent).toBe('7');
  });

  it('show the pictures that are attached to a text', async () => {
    cells.setContent({
      ...content([]),
      cells: [
        {
          cell_type: 'markdown',
          metadata: {},
          source: '<img src="attachment:dot.png">',
          attachments: { 'dot.png': { 'image/png': ['aGVs\n', 'bG8='] } }
        }
      ]
    });
    Screen.show();
    await drawn();
    expect(host.querySelector('img')?.getAttribute('src')).toBe(
      'data:image/png;base64,aGVs\nbG8='
    );
  });

  it('do not trust what the notebook says of its own trust', async () => {
    cells.setContent(
      content([
        [
          'x',
          [
            {
              output_type: 'display_data',
              metadata: {},
              data: { 'text/html': '<b>hi</b><script>window.canary=1</script>' }
            }
          ]
        ]
      ])
    );
    Screen.show();
    await drawn();
    expect(outputs()).toEqual(['hi']);
    expect(host.querySelector('script')).toBeNull();
  });

  it('stay where they are when only outputs are new', async () => {
    cells.setContent(
      content([
        ['a', [shownText('first')]],
        ['b', []]
      ])
    );
    Screen.show();
    await drawn();
    const before = [...host.querySelectorAll('.jp-Cell')];
    const first = host.querySelector('.jp-OutputArea-output');
    cells.setContent(
      content([
        ['a', [shownText('first'), shownText('second')]],
        ['b', [printed('x')]]
      ])
    );
    await drawn();
    expect([...host.querySelectorAll('.jp-Cell')]).toEqual(before);
    expect(host.querySelector('.jp-OutputArea-output')).toBe(first);
    expect(outputs()).toEqual(['first', 'second', 'x']);
  });

  it('follow an output that grows, is replaced, or goes away', async () => {
    cells.setContent(content([['a', [printed('one\n')]]]));
    Screen.show();
    await drawn();
    cells.setContent(content([['a', [printed('one\ntwo\n')]]]));
    await drawn();
    expect(outputs()).toEqual(['one\ntwo\n']);
    cells.setContent(content([['a', [shownText('other')]]]));
    await drawn();
    expect(outputs()).toEqual(['other']);
    cells.setContent(content([['a', []]]));
    await drawn();
    expect(outputs()).toEqual([]);
  });

  it('get outputs that came before they were drawn', async () => {
    cells.setContent(content([['a', []]]));
    cells.setContent(content([['a', [printed('late\n')]]]));
    Screen.show();
    await drawn();
    expect(outputs()).toEqual(['late\n']);
  });

  it('follow a notebook that became another one', () => {
    cells.setContent(
      content([
        ['a', []],
        ['b', []],
        ['c', []]
      ])
    );
    Screen.show();
    cells.setContent(
      content([
        ['a', []],
        ['new', []]
      ])
    );
    Screen.show();
    expect(
      places().map(place => place.querySelector('.cm-content')?.textContent)
    ).toEqual(['a', 'new']);
  });

  it('draw the first of thousands of outputs', async () => {
    const many = Array.from({ length: 5000 }, (_, index) =>
      shownText(`out ${index}`)
    );
    cells.setContent(content([['a', many]]));
    Screen.show();
    await drawn();
    expect(outputs()).toHaveLength(51);
    expect(outputs().slice(0, 50)).toEqual(
      Array.from({ length: 50 }, (_, index) => `out ${index}`)
    );
    expect(outputs()[50]).toMatch(/more/);
  });

  it('draw the other outputs when asked, those that came meanwhile too', async () => {
    const many = Array.from({ length: 60 }, (_, index) =>
      shownText(`out ${index}`)
    );
    cells.setContent(content([['a', many]]));
    Screen.show();
    await drawn();
    cells.setContent(content([['a', [...many, shownText('late')]]]));
    await drawn();
    expect(outputs()).toHaveLength(51);
    host
      .querySelector('.jp-TrimmedOutputs')
      ?.dispatchEvent(new MouseEvent('click'));
    await drawn();
    expect(outputs()).toEqual([
      ...Array.from({ length: 60 }, (_, index) => `out ${index}`),
      'late'
    ]);
  });

  it('come to the top, and stay there while those above are drawn', () => {
    cells.setContent(content(Array.from({ length: 9 }, () => ['x', []])));
    cells.reveal(5);
    const place = places()[5];
    expect(place?.classList.contains('jp-Mlops-mod-revealed')).toBe(true);
    expect(place?.querySelector('.jp-Cell')).not.toBeNull();
    grow();
    expect(scrolledTo).toEqual([place, place]);
  });

  it('let the reader scroll away from a cell that was shown', () => {
    cells.setContent(content(Array.from({ length: 9 }, () => ['x', []])));
    cells.reveal(5);
    document.dispatchEvent(new Event('wheel'));
    grow();
    expect(scrolledTo).toHaveLength(1);
  });
});
