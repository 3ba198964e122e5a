/** Text, tables and JSON that want to be more, or are too much. */
import { ATTACK, type Files } from './aims';

export function hostileTexts(origin: string): Files {
  const deep = 20_000;
  return {
    'text/markup.txt': `text <script>${ATTACK}</script><img src="${origin}/text.png" onerror="${ATTACK}"><iframe src="${origin}/text"></iframe>`,
    'text/one_line.txt': `text ${'<b>'.repeat(160_000)}`,
    'text/not_utf8.txt': Buffer.concat([
      Buffer.from('text '),
      Buffer.from([0xff, 0xfe, 0xc0, 0xbc, 0xed, 0xa0, 0x80, 0xf5, 0, 7]),
      Buffer.from(`<script>${ATTACK}</script>`)
    ]),
    'text/utf7.txt': `text +ADw-script+AD4-${ATTACK}+ADw-/script+AD4-`,
    'text/utf16.txt': Buffer.concat([
      Buffer.from([0xff, 0xfe]),
      Buffer.from(`text<script>${ATTACK}</script>`, 'utf16le')
    ]),
    'text/directions.py': 'text = "\u202e\u2066# \u2069\u2066" and 1 \u200b\u2028\u0000',
    'text/terminal.log': `text \u001b]8;;${origin}/osc\u0007link\u001b]8;;\u0007 \u001b[31m\u001b[2J\u001b]0;canary\u0007 ${'\b'.repeat(1000)}\r`,
    'text/page.yaml': `text: !!python/object/apply:os.system ["touch canary"]\na: &a [x]\nb: [*a, *a]\n--- <script>${ATTACK}</script>`,
    'table/formulas.csv': `text,=cmd|' /C calc'!A0\n=HYPERLINK("${origin}/h"),+1+1\n@SUM(1),-2+3\n"=WEBSERVICE(""${origin}/w"")",\t=1`,
    'table/markup.csv': `text,<img src=x onerror="${ATTACK}">\n<script>${ATTACK}</script>,"<iframe src=""${origin}/cell"">"`,
    'table/wide.csv': `text,${'x,'.repeat(50_000)}\n1,2`,
    'table/open_quote.tsv': `text\t"${'never closed\n'.repeat(20_000)}`,
    'json/prototype.json':
      '{"text": 1, "__proto__": {"canary": 1}, "constructor": {"prototype": {"canary": 1}}, "toString": "x", "toJSON": {"a": 1}, "then": "x"}',
    'json/numbers.json':
      '{"text": [1e999, -1e999, 0.1e-999, 123456789012345678901234567890, -0]}',
    'json/deep.json': `${'[{"text":'.repeat(deep)}1${'}]'.repeat(deep)}`,
    'json/markup.json': JSON.stringify({
      text: `</pre><script>${ATTACK}</script>`,
      [`<img src=x onerror="${ATTACK}">`]: `${origin}/json`
    }),
    'json/twice.json': '{"text": 1, "text": 2, "\\u0074ext": 3, "\\ud800": "\\udfff"}',
    'json/notebook.ipynb': JSON.stringify({
      nbformat: 4,
      nbformat_minor: 5,
      metadata: { trusted: true, widgets: { text: `${origin}/state` } },
      cells: [
        {
          cell_type: 'code',
          id: 'x',
          metadata: { trusted: true },
          source: '',
          execution_count: 1,
          outputs: [
            {
              output_type: 'display_data',
              metadata: {},
              data: { 'text/html': `<script>${ATTACK}</script>` }
            }
          ]
        }
      ]
    })
  };
}

/** Names that a run may not give to its files. */
export const FORBIDDEN_NAMES: readonly string[] = [
  'a\u202etxt.exe',
  'a\u0000.txt',
  'a\u200b.txt',
  '../../etc/canary',
  '/etc/canary',
  'C:\\canary',
  '<img src=x onerror=canary>.txt',
  'a"onload=canary.txt',
  'a\r\nSet-Cookie: canary=1.txt',
  '.jupyter/canary',
  'CON.txt',
  'a%2e%2e%2fcanary'
];

/** Names that are allowed, and mean something to programs. */
export function oddNames(): Files {
  return {
    'odd/__proto__': 'text',
    'odd/constructor.txt': 'text',
    "odd/' onmouseover=alert(1) x='.txt": 'text',
    'odd/{{constructor.constructor(1)}}.txt': 'text',
    'odd/${name}.txt': 'text',
    'odd/=1+1.csv': 'text,1',
    'odd/page.html.txt': `text <script>${ATTACK}</script>`,
    'odd/PAGE.HTM': `<p>text</p><script>${ATTACK}</script>`,
    'odd/javascript&colon,alert(1).md': 'text'
  };
}
