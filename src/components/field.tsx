/** A labelled input: label, type, help and error are tied to it for the eye and for screen readers. */
import { useId, type ReactNode } from 'react';

/** What an input takes over to be tied to its label, help and error. */
export interface IControlProps {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': true | undefined;
  'aria-required': true | undefined;
}

export interface IFieldProps {
  label: string;
  /** A short word after the label, such as the type. */
  note?: string | undefined;
  help?: string | undefined;
  error?: string | null | undefined;
  required?: boolean;
  /** Put the label after the input, on one line: for switches. */
  inline?: boolean;
  /** Mark that the value is not the proposed one. */
  isChanged?: boolean;
  /** Shown at the end of the label's line, such as a reset button. */
  aside?: ReactNode;
  children: (control: IControlProps) => ReactNode;
}

/** Lay out one field. */
export function Field(props: IFieldProps): JSX.Element {
  const id = useId();
  const helpId = `${id}-help`;
  const errorId = `${id}-error`;
  const described = [
    props.error ? errorId : '',
    props.help ? helpId : ''
  ].filter(Boolean);
  const control = props.children({
    id,
    'aria-describedby': described.join(' ') || undefined,
    'aria-invalid': props.error ? true : undefined,
    'aria-required': props.required || undefined
  });
  return (
    <div
      className="jp-Mlops-Field"
      data-changed={props.isChanged || undefined}
      data-inline={props.inline || undefined}
      data-invalid={Boolean(props.error) || undefined}
    >
      <div className="jp-Mlops-Field-head">
        {props.inline && control}
        <label className="jp-Mlops-Field-label" htmlFor={id}>
          {props.label}
          {props.required && (
            <span className="jp-Mlops-Field-required" aria-hidden="true">
              *
            </span>
          )}
        </label>
        {props.note && (
          <span className="jp-Mlops-Field-note">{props.note}</span>
        )}
        {props.aside}
      </div>
      {!props.inline && control}
      {props.error && (
        <p className="jp-Mlops-Field-error" id={errorId} role="alert">
          {props.error}
        </p>
      )}
      {props.help && (
        <p className="jp-Mlops-Field-help" id={helpId}>
          {props.help}
        </p>
      )}
    </div>
  );
}
