/** What is wrong with a filled form, and at which field it is said. */
import { ApiError, errorMessage } from '../contract/errors';
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

/** Messages by parameter, by option, and one for the form as a whole. */
export class FormErrors {
  readonly parameters: Record<string, string> = {};
  readonly options: Partial<Record<OptionName, string>> = {};
  form: string | null = null;

  get isEmpty(): boolean {
    return (
      this.form === null &&
      Object.keys(this.parameters).length === 0 &&
      Object.keys(this.options).length === 0
    );
  }
}

/** Put a refusal where the server says that it belongs. */
export function errorsOfRefusal(
  reason: unknown,
  parameters: readonly string[]
): FormErrors {
  const errors = new FormErrors();
  const message = errorMessage(reason);
  const field = reason instanceof ApiError ? reason.field : null;
  const option = field === null ? undefined : OPTION_FIELDS[field];
  const parameter = field?.replace(/^parameters\./, '') ?? '';
  // A parameter may be called `name` too: then only the code tells them apart.
  const isParameter =
    parameters.includes(parameter) &&
    (option === undefined ||
      (reason instanceof ApiError && reason.code === 'invalid_parameter'));
  if (isParameter) {
    errors.parameters[parameter] = message;
  } else if (option) {
    errors.options[option] = message;
  } else {
    errors.form = message;
  }
  return errors;
}
