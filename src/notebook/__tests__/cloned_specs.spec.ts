import type { Parameter } from '../../contract/types';
import { clonedSpecs } from '../cloned_specs';
import { aForm, aSpec } from './forms';

const ALPHA = aSpec();
const TOKEN = aSpec({
  key: 'token',
  type: 'str',
  default: null,
  secret: true
});

function secret(key: string, origin: Parameter['origin'] = 'given'): Parameter {
  return { key, value: '***', type: 'str', secret: true, origin };
}

describe('the form of a run that is cloned', () => {
  it('begins with what the run was given, and with its source where it was given nothing', () => {
    const form = aForm([ALPHA, aSpec({ key: 'beta', default: 2 })], {
      last_used: { alpha: 0.9 }
    });
    expect(
      clonedSpecs(form, { parameters: [] }).map(item => item.default)
    ).toEqual([0.9, 2]);
  });

  it('knows a value that the notebook would have computed, or needed', () => {
    const form = aForm(
      [
        aSpec({ default: null, default_known: false }),
        aSpec({ key: 'source', default: null, required: true })
      ],
      { last_used: { alpha: 0.9, source: 1 } }
    );
    const specs = clonedSpecs(form, { parameters: [] });
    expect(
      specs.map(item => [item.default, item.default_known, item.required])
    ).toEqual([
      [0.9, true, false],
      [1, true, false]
    ]);
  });

  it('needs again the secrets that the run was given, and no others', () => {
    const other = { ...TOKEN, key: 'other' };
    const form = aForm([{ ...TOKEN, nullable: true }, other]);
    const specs = clonedSpecs(form, { parameters: [secret('token')] });
    expect(specs.map(item => [item.required, item.nullable])).toEqual([
      [true, false],
      [false, false]
    ]);
    expect(
      clonedSpecs(aForm([]), { parameters: [secret('api_key', 'logged')] })
    ).toEqual([]);
  });

  it('has a field of any type for what the source does not declare', () => {
    const form = aForm([], {
      reads_parameters: false,
      last_used: { depth: 3 }
    });
    const specs = clonedSpecs(form, { parameters: [secret('api_key')] });
    expect(specs).toMatchObject([
      { key: 'depth', type: 'json', default: 3, default_known: true },
      { key: 'api_key', secret: true, required: true }
    ]);
  });
});
