/** The form of a run that is cloned: the notebook's parameters, starting from what the run had. */
import type { Parameter, ParameterSpec } from '../contract/types';

const TYPES: ReadonlySet<string> = new Set<ParameterSpec['type']>([
  'bool',
  'int',
  'float',
  'str',
  'list',
  'tuple',
  'set',
  'dict',
  'date',
  'datetime',
  'none',
  'json'
]);

/**
 * Put the values that the run was given in place of the defaults; a parameter that the notebook
 * lost stays. Defaults are the notebook's, and what the code logged itself it will log again.
 */
export function clonedSpecs(
  specs: readonly ParameterSpec[],
  recorded: readonly Parameter[]
): ParameterSpec[] {
  const given = recorded.filter(({ origin }) => origin === 'given');
  const values = new Map(given.map(item => [item.key, item]));
  const kept = specs.map(spec => {
    const item = values.get(spec.name);
    values.delete(spec.name);
    if (!item) {
      return spec;
    }
    return item.secret
      ? { ...spec, secret: true, required: true }
      : {
          ...spec,
          default: item.value,
          default_known: true,
          required: false
        };
  });
  const lost = [...values.values()].map((item): ParameterSpec => ({
    name: item.key,
    type: TYPES.has(item.type) ? (item.type as ParameterSpec['type']) : 'json',
    default: item.secret ? null : item.value,
    default_known: !item.secret,
    source: '',
    help: '',
    required: item.secret,
    nullable: item.value === null,
    secret: item.secret,
    choices: null,
    minimum: null,
    maximum: null,
    exclusive_minimum: false,
    exclusive_maximum: false
  }));
  return [...kept, ...lost];
}
