import { indentedJson } from '../json_text';

describe('JSON laid out for reading', () => {
  it.each([
    {},
    [],
    null,
    'a "quoted" \\ text, [with] {all} : of it',
    { a: [1, 2, { b: null, c: {} }], 'd, e': [[], [[]]], f: -1.5e-7 },
    [true, false, '\u2028']
  ])('looks like JSON.stringify of %j', value => {
    const wanted = JSON.stringify(value, null, 2);
    expect(indentedJson(JSON.stringify(value))).toBe(wanted);
    expect(indentedJson(JSON.stringify(value, null, '\t'))).toBe(wanted);
  });

  it('keeps numbers and keys that JavaScript would change', () => {
    const text = '[1e999,-0,12345678901234567890,{"a":1,"a":2,"__proto__":{}}]';
    expect(indentedJson(text).replace(/\s/g, '')).toBe(text);
  });

  it.each(['{"a": 1', '{"a": 1}}', "{'a': 1}", '', '"open'])(
    'leaves %j as it is',
    text => {
      expect(indentedJson(text)).toBe(text);
    }
  );

  it('does not grow without end with the depth', () => {
    const deep = 20_000;
    const text = `${'['.repeat(deep)}1${']'.repeat(deep)}`;
    const shown = indentedJson(text);
    expect(shown.replace(/\s/g, '')).toBe(text);
    expect(shown.length).toBeLessThan(100 * 2 * deep);
  });
});
