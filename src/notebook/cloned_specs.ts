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
  const names = new Set([
    ...parameters.map(({ name }) => name),
    ...Object.keys(given),
    ...secrets
  ]);
  const declared = new Map(parameters.map(spec => [spec.name, spec]));
  return [...names].map(name => {
    const spec = declared.get(name) ?? undeclared(name);
    if (secrets.has(name)) {
      return { ...spec, secret: true, required: true, nullable: false };
    }
    return Object.hasOwn(given, name) ? withDefault(spec, given[name]) : spec;
  });
}

function withDefault(spec: ParameterSpec, value: Json): ParameterSpec {
  return { ...spec, default: value, default_known: true, required: false };
}

/** A parameter of which only the name is known takes any value. */
function undeclared(name: string): ParameterSpec {
  return {
    name,
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
