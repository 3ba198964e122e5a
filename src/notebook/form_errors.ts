/** What is wrong with a filled form, and at which field it is said. */
import { ApiError, errorMessage } from '../contract/errors';
import type { IExtraRow } from './extra_rows';
import type { OptionName } from './form_options';

/** Names that the server uses for the options. */
const OPTION_FIELDS: Readonly<Record<string, OptionName>> = {
  experiment: 'experiment',
  name: 'name',
  kernel_name: 'kernelName',
  time_limit: 'timeLimit',
  save_to: 'saveTo',
  save_to_folder: 'saveTo'
};

/** How the server names a parameter, which may be called like an option. */
const OF_PARAMETER = 'parameters.';

/** How much of a key that may be none the server repeats. */
const SHOWN_MAX_CHARS = 80;

/** Messages by parameter, by the id of a row, by option, and one for the form as a whole. */
export class FormErrors {
  readonly parameters: Record<string, string> = {};
  readonly rows: Record<number, string> = {};
  readonly options: Partial<Record<OptionName, string>> = {};
  form: string | null = null;

  get isEmpty(): boolean {
    return (
      this.form === null &&
      Object.keys(this.parameters).length === 0 &&
      Object.keys(this.rows).length === 0 &&
      Object.keys(this.options).length === 0
    );
  }
}

/** Put a refusal where the server says that it belongs. */
export function errorsOfRefusal(
  reason: unknown,
  parameters: readonly string[],
  rows: readonly IExtraRow[]
): FormErrors {
  const errors = new FormErrors();
  const message = errorMessage(reason);
  const field = (reason instanceof ApiError && reason.field) || '';
  const option = OPTION_FIELDS[field];
  const parameter = field.startsWith(OF_PARAMETER)
    ? field.slice(OF_PARAMETER.length)
    : '';
  const row = rows.find(({ key }) => isMeant(key.trim(), parameter));
  if (option) {
    errors.options[option] = message;
  } else if (parameters.includes(parameter)) {
    errors.parameters[parameter] = message;
  } else if (row) {
    errors.rows[row.id] = message;
  } else {
    errors.form = message;
  }
  return errors;
}

/** Whether the server means this key, of which it repeats only so much. */
function isMeant(key: string, field: string): boolean {
  return key !== '' && key.slice(0, SHOWN_MAX_CHARS) === field;
}
