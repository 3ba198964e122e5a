import type { Parameter, ParameterSpec } from '../../contract/types';
import { clonedSpecs } from '../cloned_specs';

const ALPHA: ParameterSpec = {
  name: 'alpha',
  type: 'float',
  default: 0.1,
  default_known: true,
  source: '0.1',
  help: '',
  required: false,
  nullable: false,
  secret: false,
  choices: null,
  minimum: null,
  maximum: null,
  exclusive_minimum: false,
  exclusive_maximum: false
};

function recorded(
  key: string,
  value: number,
  origin: Parameter['origin']
): Parameter {
  return { key, value, type: 'float', secret: false, origin };
}

describe('the form of a run that is cloned', () => {
  it('has no field for what the code logged itself, nor for a default that is gone', () => {
    const specs = clonedSpecs(
      [ALPHA],
      [
        recorded('old', 2, 'given'),
        recorded('depth', 3, 'logged'),
        recorded('size', 4, 'default')
      ]
    );
    expect(specs.map(({ name }) => name)).toEqual(['alpha', 'old']);
  });

  it('begins with what the run was given, not with what it had or logged', () => {
    for (const origin of ['default', 'logged'] as const) {
      const specs = clonedSpecs([ALPHA], [recorded('alpha', 0.9, origin)]);
      expect(specs).toEqual([ALPHA]);
    }
    expect(
      clonedSpecs([ALPHA], [recorded('alpha', 0.9, 'given')])[0]?.default
    ).toBe(0.9);
  });
});
