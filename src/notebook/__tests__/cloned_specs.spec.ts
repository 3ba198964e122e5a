import type { Parameter, ParameterSpec } from '../../contract/types';
import { clonedSpecs } from '../cloned_specs';

const ALPHA: ParameterSpec = {
  name: 'alpha',
  type: 'float',
  default: 0.1,
  source: '0.1',
  help: '',
  required: false,
  nullable: false,
  secret: false,
  choices: null,
  minimum: null,
  maximum: null
};

function recorded(key: string, value: number, logged: boolean): Parameter {
  return { key, value, type: 'float', secret: false, logged };
}

describe('the form of a run that is cloned', () => {
  it('has no field for what the code logged itself', () => {
    const specs = clonedSpecs(
      [ALPHA],
      [recorded('old', 2, false), recorded('depth', 3, true)]
    );
    expect(specs.map(({ name }) => name)).toEqual(['alpha', 'old']);
  });

  it('begins with what the run was given, not with what it logged', () => {
    expect(clonedSpecs([ALPHA], [recorded('alpha', 0.9, true)])).toEqual([
      ALPHA
    ]);
    expect(
      clonedSpecs([ALPHA], [recorded('alpha', 0.9, false)])[0]?.default
    ).toBe(0.9);
  });
});
