/** The form of a run that is cloned: the parameters of its recorded source, starting from what it was given. */
import type {
  Json,
  NotebookInspection,
  ParameterSpec,
  Run
} from '../contract/types';

/**
 * Put the values that the run was given in place of the defaults.
 *
 * A repeat is given all of them again unless it says otherwise, so none can be left to the notebook: a
 * secret, which is not stored, has to be typed. What the source does not declare gets a field too.
 */
export function clonedSpecs(
  { parameters, last_used: given }: NotebookInspection,
  run: Pick<Run, 'parameters'>
): ParameterSpec[] {
  const secrets = new Set(
    run.parameters
      .filter(({ secret, origin }) => secret && origin === 'given')
      .map(({ key }) => key)
  );
  const keys = new Set([
    ...parameters.map(({ key }) => key),
    ...Object.keys(given),
    ...secrets
  ]);
  const declared = new Map(parameters.map(spec => [spec.key, spec]));
  return [...keys].map(key => {
    const spec = declared.get(key) ?? undeclared(key);
    if (secrets.has(key)) {
      return { ...spec, secret: true, required: true, nullable: false };
    }
    return Object.hasOwn(given, key) ? withDefault(spec, given[key]) : spec;
  });
}

function withDefault(spec: ParameterSpec, value: Json): ParameterSpec {
  return { ...spec, default: value, default_known: true, required: false };
}

/** A parameter of which only the key is known takes any value. */
function undeclared(key: string): ParameterSpec {
  return {
    key,
    type: 'json',
    default: null,
    default_known: false,
    source: '',
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
}
