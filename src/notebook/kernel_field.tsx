/** The choice of a kernel, which is the choice of an environment, and the check that it starts. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { useEffect, useRef, useState } from 'react';

import { formatDuration } from '../components/duration';
import { Field } from '../components/field';
import { StatusGlyph } from '../components/status_badge';
import { useTrans } from '../components/translation';
import type { IMlopsApi } from '../contract/client';
import { errorMessage } from '../contract/errors';
import type { KernelCheck, KernelSpecInfo } from '../contract/types';
import { Rereading } from '../state/rereading';
import { type IKernelWish, kernelFor, wishedName } from './kernel_choice';

export interface IKernelFieldProps {
  api: IMlopsApi;
  /** The notebook's own kernel. */
  notebookKernel: string | null;
  /** The notebook's language, for one that names no kernel. */
  language: string;
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
  const { api, notebookKernel, language, value, error, onChange } = props;
  const trans = useTrans();
  const kernels = useKernels(api);
  const [check, setCheck] = useState<Check>({ state: 'none' });
  const asked = useRef<string | null>(null);

  const ofNotebook = { chosen: '', notebookKernel, language };
  const wish = { ...ofNotebook, chosen: value };
  const own = kernels && kernelFor(kernels, ofNotebook);
  const kernel = kernels && kernelFor(kernels, wish);
  // Without the list, a kernel with a name can still be tried.
  const name = kernels ? kernel?.name : wishedName(wish);
  const isMissing = kernels !== null && !kernel;
  useEffect(() => {
    asked.current = null;
    setCheck({ state: 'none' });
  }, [name]);

  const start = async (): Promise<void> => {
    if (!name) {
      return;
    }
    asked.current = name;
    setCheck({ state: 'under way' });
    let outcome: Check;
    try {
      outcome = describe(await api.checkKernel(name));
    } catch (reason) {
      outcome = { state: 'done', ok: false, message: errorMessage(reason) };
    }
    if (asked.current === name) {
      setCheck(outcome);
    }
  };
  const describe = (result: KernelCheck): Check => ({
    state: 'done',
    ok: result.ok,
    message: result.ok
      ? trans.__(
          '%1 %2 answers after %3.',
          result.implementation ?? kernel?.display_name ?? result.name,
          result.language_version ?? '',
          formatDuration(result.duration_ms)
        )
      : result.message
  });

  const absent = (wished: string): string =>
    trans.__('%1, not installed here', wished);
  const wished = notebookKernel ?? language;
  return (
    <Field
      label={trans.__('Kernel')}
      error={error ?? (isMissing ? missingKernel(trans, wish) : null)}
      help={kernel ? shortPath(kernel.interpreter) : undefined}
    >
      {control => (
        <>
          <div className="jp-Mlops-Field-row">
            <select
              {...control}
              className="jp-Mlops-Select"
              title={kernel?.interpreter}
              value={value && (kernel?.name ?? value)}
              onChange={event => onChange(event.target.value)}
            >
              <option value="">
                {trans.__(
                  'As in the notebook (%1)',
                  own?.display_name ?? (kernels ? absent(wished) : wished)
                )}
              </option>
              {value && !kernel && (
                <option value={value}>
                  {isMissing ? absent(value) : value}
                </option>
              )}
              {kernels?.map(({ name: each, display_name }) => (
                <option key={each} value={each}>
                  {display_name}
                </option>
              ))}
            </select>
            <button
              type="button"
              className="jp-Mlops-Button"
              title={trans.__('Start the kernel once to see that it answers')}
              disabled={!name || check.state === 'under way'}
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

function missingKernel(trans: TranslationBundle, wish: IKernelWish): string {
  const name = wishedName(wish);
  return name === null
    ? trans.__(
        'No kernel for %1 is installed here. Install one, or choose another kernel.',
        wish.language
      )
    : trans.__(
        'The kernel %1 is not installed here. Choose another one.',
        name
      );
}

/** The kernels that the server has; null while they are not known. */
function useKernels(api: IMlopsApi): readonly KernelSpecInfo[] | null {
  const [kernels, setKernels] = useState<readonly KernelSpecInfo[] | null>(
    null
  );
  useEffect(() => {
    // Where they cannot be read, the fields say nothing of kernels until they are.
    const reading = new Rereading(async () => {
      const list = await api.kernels();
      if (!reading.isDisposed) {
        setKernels(list.kernels);
      }
    });
    reading.ask();
    return () => reading.dispose();
  }, [api]);
  return kernels;
}

/** The end of a long path, where environments differ. */
function shortPath(path: string): string {
  const parts = path.split('/');
  return parts.length > 5 ? `…/${parts.slice(-4).join('/')}` : path;
}
