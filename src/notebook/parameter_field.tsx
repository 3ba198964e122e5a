/** One parameter as a field: the input that fits its type, its comment as help. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IControlProps } from '../components/field';
import { Field } from '../components/field';
import { useTrans } from '../components/translation';
import { writeJson } from '../contract/exact_json';
import { readOpen, typeOf } from '../contract/open_value';
import type { ParameterSpec } from '../contract/types';
import {
  choicesOf,
  defaultField,
  fieldKind,
  type FieldValue,
  isLocalTime,
  isOpen
} from './field_value';
import { sliderScale } from './slider_scale';

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
      label={spec.key}
      note={spec.secret ? trans.__('secret') : typeNote(spec, value)}
      help={helpOf(spec, trans)}
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
              aria-label={trans.__('%1 is None', spec.key)}
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

/** The type, or for a parameter of any type that of the value which stands there. */
function typeNote(spec: ParameterSpec, value: FieldValue): string {
  if (isOpen(spec)) {
    return typeof value === 'string' && value.trim()
      ? typeOf(readOpen(value))
      : '';
  }
  return spec.nullable ? `${spec.type} | None` : spec.type;
}

function helpOf(spec: ParameterSpec, trans: TranslationBundle): string {
  const secret = spec.required
    ? trans.__('Not stored, so it is needed for each run; not shown anywhere.')
    : trans.__('Not stored, and not shown anywhere.');
  return [spec.help, rangeOf(spec), spec.secret ? secret : '']
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
  const placeholder = value === null ? PYTHON.null : blankMeans(spec);
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
    case 'text':
      return (
        <input
          {...common}
          {...lineInput(spec, text)}
          className="jp-Mlops-Input"
          placeholder={placeholder}
          onChange={onText}
        />
      );
  }
}

/** What a blank field leaves to the notebook. */
function blankMeans(spec: ParameterSpec): string | undefined {
  const isItselfAValue = spec.type === 'str' && spec.default_known;
  if (spec.required || spec.secret || isItselfAValue) {
    return undefined;
  }
  const field = spec.default_known ? defaultField(spec) : spec.source;
  return field === null ? PYTHON.null : String(field);
}

/** The browser's own input for dates, where it can show what stands in the field. */
function lineInput(
  spec: ParameterSpec,
  text: string
): { type: string; step?: number } {
  const kind = fieldKind(spec);
  if (kind === 'date') {
    return { type: 'date' };
  }
  return kind === 'datetime' && (text === '' || isLocalTime(text))
    ? { type: 'datetime-local', step: 1 }
    : { type: 'text' };
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
          const json = writeJson(choice);
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
  const scale = sliderScale(spec);
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
  if (!scale || value === null) {
    return input;
  }
  return (
    <div className="jp-Mlops-Field-range">
      {input}
      <input
        type="range"
        tabIndex={-1}
        aria-hidden="true"
        min={0}
        max={1}
        step="any"
        value={scale.placeOf(Number(value || placeholder))}
        onChange={event => onChange(scale.textAt(Number(event.target.value)))}
        onPointerUp={onLeave}
      />
    </div>
  );
}
