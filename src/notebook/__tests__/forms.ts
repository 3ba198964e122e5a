/** Forms as the server describes them, for tests. */
import type { NotebookInspection, ParameterSpec } from '../../contract/types';

/** A parameter with nothing special about it. */
export function aSpec(change: Partial<ParameterSpec> = {}): ParameterSpec {
  const isKnown =
    change.default_known ??
    (!change.required && !change.secret && change.default !== null);
  return {
    key: 'alpha',
    type: 'float',
    default: 0.1,
    source: '0.1',
    help: '',
    required: false,
    nullable: false,
    secret: false,
    choices: null,
    minimum: null,
    maximum: null,
    exclusive_minimum: false,
    exclusive_maximum: false,
    ...change,
    default_known: isKnown
  };
}

/** The form of a Python notebook with these parameters. */
export function aForm(
  parameters: ParameterSpec[],
  change: Partial<NotebookInspection> = {}
): NotebookInspection {
  return {
    path: 'a.ipynb',
    digest: 'sha256:0',
    language: 'python',
    kernel_name: 'python3',
    has_parameters_cell: true,
    reads_parameters: true,
    parameters,
    warnings: [],
    code_cells: 2,
    last_used: {},
    last_experiment: null,
    last_kernel_name: null,
    last_time_limit: null,
    default_experiment: 'Default',
    ...change
  };
}
