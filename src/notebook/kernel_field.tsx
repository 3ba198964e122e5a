/** The choice of a kernel, which is the choice of an environment, and the check that it starts. */
import { useEffect, useRef, useState } from 'react';

import { formatDuration } from '../components/duration';
import { Field } from '../components/field';
import { StatusGlyph } from '../components/status_badge';
import { useTrans } from '../components/translation';
import type { IMlopsApi } from '../contract/client';
import { errorMessage } from '../contract/errors';
import type { KernelCheck, KernelSpecInfo } from '../contract/types';

export interface IKernelFieldProps {
  api: IMlopsApi;
  /** The notebook's own kernel. */
  notebookKernel: string | null;
  /** The chosen kernel; blank for the notebook's own. */
  value: string;
  error: string | null;
  onChange: (kernelName: string) => void;
}

type Check =
  | { state: 'none' }
  | { state: 'under way' }
  | { state: 'done'; ok: boolean; message: string };

export function KernelField(props: IKernelFieldProps): JSX.Element {
  const { api, notebookKernel, value, error, onChange } = props;
  const trans = useTrans();
  const [kernels, setKernels] = useState<readonly KernelSpecInfo[]>([]);
  const [check, setCheck] = useState<Check>({ state: 'none' });
  const asked = useRef('');

  useEffect(() => {
    let isOn = true;
    api.kernels().then(
      list => isOn && setKernels(list.kernels),
      // Without the list the notebook's own kernel can still be used.
      () => isOn && setKernels([])
    );
    return () => {
      isOn = false;
    };
  }, [api]);

  const own = kernels.find(({ name }) => name === notebookKernel);
  const chosen =
    kernels.find(({ name }) => name === value) ??
    own ??
    kernels.find(kernel => kernel.default);
  useEffect(() => {
    asked.current = '';
    setCheck({ state: 'none' });
  }, [chosen?.name]);

  const start = async (): Promise<void> => {
    if (!chosen) {
      return;
    }
    asked.current = chosen.name;
    setCheck({ state: 'under way' });
    let outcome: Check;
    try {
      outcome = describe(await api.checkKernel(chosen.name));
    } catch (reason) {
      outcome = { state: 'done', ok: false, message: errorMessage(reason) };
    }
    if (asked.current === chosen.name) {
      setCheck(outcome);
    }
  };
  const describe = (result: KernelCheck): Check => ({
    state: 'done',
    ok: result.ok,
    message: result.ok
      ? trans.__(
          '%1 %2 answers after %3.',
          result.implementation ?? chosen?.display_name ?? result.name,
          result.language_version ?? '',
          formatDuration(result.duration_ms)
        )
      : result.message
  });

  return (
    <Field
      label={trans.__('Kernel')}
      error={error}
      help={chosen ? shortPath(chosen.interpreter) : undefined}
    >
      {control => (
        <>
          <div className="jp-Mlops-Field-row">
            <select
              {...control}
              className="jp-Mlops-Select"
              title={chosen?.interpreter}
              value={value}
              onChange={event => onChange(event.target.value)}
            >
              <option value="">
                {trans.__(
                  'As in the notebook (%1)',
                  own?.display_name ?? notebookKernel ?? trans.__('default')
                )}
              </option>
              {kernels.map(({ name, display_name }) => (
                <option key={name} value={name}>
                  {display_name}
                </option>
              ))}
            </select>
            <button
              type="button"
              className="jp-Mlops-Button"
              title={trans.__('Start the kernel once to see that it answers')}
              disabled={!chosen || check.state === 'under way'}
              onClick={() => void start()}
            >
              {trans.__('Check')}
            </button>
          </div>
          <p className="jp-Mlops-Field-check" role="status">
            {check.state === 'under way' && (
              <>
                <span className="jp-Mlops-Spinner" aria-hidden="true" />
                {trans.__('Starting the kernel…')}
              </>
            )}
            {check.state === 'done' && (
              <>
                <StatusGlyph status={check.ok ? 'FINISHED' : 'FAILED'} />
                {check.message}
              </>
            )}
          </p>
        </>
      )}
    </Field>
  );
}

/** The end of a long path, where environments differ. */
function shortPath(path: string): string {
  const parts = path.split('/');
  return parts.length > 5 ? `…/${parts.slice(-4).join('/')}` : path;
}
