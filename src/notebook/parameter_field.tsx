/** One parameter as a field: the input that fits its type, its comment as help. */
import type { IControlProps } from '../components/field';
import { Field } from '../components/field';
import { useTrans } from '../components/translation';
import type { ParameterSpec } from '../contract/types';
import { choicesOf, fieldKind, type FieldValue } from './field_value';

/** Python's words for JSON's, the same in every language. */
const PYTHON: Readonly<Record<string, string>> = {
  null: 'None',
  true: 'True',
  false: 'False'
};

export interface IParameterFieldProps {
  spec: ParameterSpec;
  value: FieldValue;
  error: string | null;
  /** Whether the value is not the notebook's own. */
  isChanged: boolean;
  onChange: (value: FieldValue) => void;
  onLeave: () => void;
}

export function ParameterField(props: IParameterFieldProps): JSX.Element {
  const { spec, value, error, isChanged, onChange } = props;
  const trans = useTrans();
  const kind = fieldKind(spec);
  const canBeNone = spec.nullable && kind !== 'choice' && kind !== 'secret';
  return (
    <Field
      label={spec.name}
      note={typeNote(spec)}
      help={helpOf(props, trans.__('Not stored, and not shown anywhere.'))}
      error={error}
      required={spec.required}
      inline={kind === 'switch'}
      isChanged={isChanged}
      aside={
        canBeNone && (
          <label className="jp-Mlops-Field-none">
            <input
              type="checkbox"
              checked={value === null}
              aria-label={trans.__('%1 is None', spec.name)}
              onChange={event => onChange(event.target.checked ? null : '')}
            />
            {PYTHON.null}
          </label>
        )
      }
    >
      {control => <Input {...props} control={control} />}
    </Field>
  );
}

function typeNote({ type, secret, nullable }: ParameterSpec): string {
  if (secret) {
    return 'secret';
  }
  if (type === 'json' || type === 'none') {
    return '';
  }
  return nullable ? `${type} | None` : type;
}

function helpOf({ spec }: IParameterFieldProps, secretHelp: string): string {
  return [spec.help, rangeOf(spec), spec.secret ? secretHelp : '']
    .filter(Boolean)
    .join(' · ');
}

function rangeOf(spec: ParameterSpec): string {
  const { minimum, maximum, exclusive_minimum, exclusive_maximum } = spec;
  const isClosed = !exclusive_minimum && !exclusive_maximum;
  if (minimum !== null && maximum !== null && isClosed) {
    return `${minimum} … ${maximum}`;
  }
  return [
    minimum === null ? '' : `${exclusive_minimum ? '>' : '≥'} ${minimum}`,
    maximum === null ? '' : `${exclusive_maximum ? '<' : '≤'} ${maximum}`
  ]
    .filter(Boolean)
    .join(', ');
}

type InputProps = IParameterFieldProps & { control: IControlProps };

function Input(props: InputProps): JSX.Element {
  const { spec, value, onChange, onLeave, control } = props;
  const text = typeof value === 'string' ? value : '';
  const common = {
    ...control,
    value: text,
    disabled: value === null,
    onBlur: onLeave,
    autoComplete: 'off',
    spellCheck: false
  };
  const onText = (
    event: React.ChangeEvent<HTMLInputElement | HTMLTextAreaElement>
  ): void => onChange(event.target.value);
  const placeholder =
    value === null
      ? PYTHON.null
      : spec.default === null && !spec.required
        ? spec.source
        : undefined;
  switch (fieldKind(spec)) {
    case 'switch':
      return (
        <input
          {...control}
          type="checkbox"
          role="switch"
          className="jp-Mlops-Switch"
          checked={value === true}
          onChange={event => onChange(event.target.checked)}
        />
      );
    case 'choice':
      return <Choice {...props} />;
    case 'number':
      return (
        <NumberInput {...props} common={common} placeholder={placeholder} />
      );
    case 'json':
      return (
        <textarea
          {...common}
          className="jp-Mlops-Input jp-Mlops-Input-code"
          rows={Math.min(8, Math.max(1, text.split('\n').length))}
          placeholder={placeholder}
          onChange={onText}
        />
      );
    case 'secret':
      return (
        <input
          {...common}
          type="password"
          autoComplete="new-password"
          className="jp-Mlops-Input"
          disabled={false}
          onChange={onText}
        />
      );
    case 'date':
    case 'datetime':
      return (
        <input
          {...common}
          type={fieldKind(spec) === 'date' ? 'date' : 'datetime-local'}
          step={fieldKind(spec) === 'date' ? undefined : 1}
          className="jp-Mlops-Input"
          onChange={onText}
        />
      );
    case 'text':
      return (
        <input
          {...common}
          type="text"
          className="jp-Mlops-Input"
          placeholder={placeholder}
          onChange={onText}
        />
      );
  }
}

function Choice({ spec, value, onChange, control }: InputProps): JSX.Element {
  const trans = useTrans();
  const choices = choicesOf(spec);
  return (
    <select
      {...control}
      className="jp-Mlops-Select"
      value={value === null ? 'null' : String(value)}
      onChange={event =>
        onChange(event.target.value === 'null' ? null : event.target.value)
      }
    >
      {value === '' && (
        <option value="">
          {spec.required
            ? trans.__('Choose…')
            : trans.__('As in the notebook: %1', spec.source)}
        </option>
      )}
      {choices
        .filter(choice => choice !== null)
        .map(choice => {
          const json = JSON.stringify(choice);
          return (
            <option key={json} value={json}>
              {typeof choice === 'string' ? choice : (PYTHON[json] ?? json)}
            </option>
          );
        })}
      {(spec.nullable || choices.includes(null)) && (
        <option value="null">{PYTHON.null}</option>
      )}
    </select>
  );
}

function NumberInput({
  spec,
  value,
  onChange,
  onLeave,
  common,
  placeholder
}: InputProps & {
  common: React.InputHTMLAttributes<HTMLInputElement>;
  placeholder: string | undefined;
}): JSX.Element {
  const { minimum, maximum } = spec;
  const input = (
    <input
      {...common}
      type="text"
      inputMode={spec.type === 'int' ? 'numeric' : 'decimal'}
      className="jp-Mlops-Input jp-Mlops-Input-number"
      placeholder={placeholder}
      onChange={event => onChange(event.target.value)}
    />
  );
  if (minimum === null || maximum === null || value === null) {
    return input;
  }
  const step =
    spec.type === 'int'
      ? 1
      : Number(((maximum - minimum) / 100).toPrecision(1));
  return (
    <div className="jp-Mlops-Field-range">
      {input}
      <input
        type="range"
        tabIndex={-1}
        aria-hidden="true"
        min={minimum}
        max={maximum}
        step={step}
        value={Number.isFinite(Number(value)) ? Number(value) : minimum}
        onChange={event => onChange(event.target.value)}
        onPointerUp={onLeave}
      />
    </div>
  );
}
