/** Rows of keys and values, for a notebook whose parameters are not known. */
import { useEffect, useId, useRef } from 'react';

import { useTrans } from '../components/translation';
import type { IExtraRow } from './extra_rows';
import type { RunFormStore } from './run_form_store';

export interface IExtraParametersProps {
  store: RunFormStore;
  rows: readonly IExtraRow[];
}

export function ExtraParameters({
  store,
  rows
}: IExtraParametersProps): JSX.Element {
  const trans = useTrans();
  const group = useRef<HTMLFieldSetElement>(null);
  const focusLast = useRef(false);
  const helpId = useId();
  useEffect(() => {
    if (focusLast.current) {
      focusLast.current = false;
      const last = group.current?.querySelector(
        '.jp-Mlops-ExtraRow:last-of-type input'
      );
      (last as HTMLInputElement | null)?.focus();
    }
  }, [rows]);
  const isFirst = store.specs.length === 0;
  return (
    <fieldset ref={group} className="jp-Mlops-RunForm-group">
      <legend className="jp-Mlops-RunForm-legend">
        <span>
          {isFirst ? trans.__('Parameters') : trans.__('More parameters')}
        </span>
      </legend>
      {rows.map(row => (
        <Row
          key={row.id}
          row={row}
          helpId={helpId}
          error={store.errors.rows[row.id] ?? null}
          onChange={changed => store.setRow(changed)}
          onRemove={() => {
            store.removeRow(row.id);
            group.current?.querySelector<HTMLElement>('[data-add]')?.focus();
          }}
        />
      ))}
      {rows.length > 0 && (
        <p className="jp-Mlops-Field-help" id={helpId}>
          {trans.__(
            'A value is read as JSON, such as 0.1, [1, 2] or "7"; anything else is text.'
          )}
        </p>
      )}
      <button
        type="button"
        className="jp-Mlops-Link"
        data-add
        onClick={() => {
          focusLast.current = true;
          store.addRow();
        }}
      >
        {rows.length > 0
          ? trans.__('Add another parameter')
          : trans.__('Give a parameter by its key')}
      </button>
    </fieldset>
  );
}

interface IRowProps {
  row: IExtraRow;
  helpId: string;
  error: string | null;
  onChange: (row: IExtraRow) => void;
  onRemove: () => void;
}

function Row({
  row,
  helpId,
  error,
  onChange,
  onRemove
}: IRowProps): JSX.Element {
  const trans = useTrans();
  const errorId = useId();
  const common = {
    type: 'text',
    autoComplete: 'off',
    spellCheck: false,
    className: 'jp-Mlops-Input jp-Mlops-Input-code',
    'aria-invalid': error ? true : undefined
  } as const;
  const key = row.key.trim();
  return (
    <div className="jp-Mlops-Field jp-Mlops-ExtraRow">
      <div className="jp-Mlops-Field-row">
        <input
          {...common}
          aria-label={trans.__('Key of a parameter')}
          aria-describedby={error ? errorId : undefined}
          placeholder={trans.__('key')}
          value={row.key}
          onChange={event => onChange({ ...row, key: event.target.value })}
        />
        <input
          {...common}
          aria-label={key ? trans.__('Value of %1', key) : trans.__('Value')}
          aria-describedby={error ? `${errorId} ${helpId}` : helpId}
          placeholder={trans.__('value')}
          value={row.value}
          onChange={event => onChange({ ...row, value: event.target.value })}
        />
        <button
          type="button"
          className="jp-Mlops-Button jp-Mlops-ExtraRow-remove"
          title={trans.__('Remove this parameter')}
          aria-label={key ? trans.__('Remove %1', key) : trans.__('Remove')}
          onClick={onRemove}
        >
          ×
        </button>
      </div>
      {error && (
        <p className="jp-Mlops-Field-error" id={errorId} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
