/** The request that a form becomes: a run of the notebook, or of the recorded source of another run. */
import type { IMlopsApi } from '../contract/client';
import type { Run } from '../contract/types';
import type { IFormDraft, IFormRequest } from './form_draft';
import { requestedCopy } from './form_options';
import type { IRunTarget } from './run_target';

/** Take everything from the form as it stands now; what comes back sends it under a key. */
export function runRequest(
  { api, target }: { api: IMlopsApi; target: IRunTarget },
  clonedRun: Run | null,
  { options, proposedCopy }: IFormDraft,
  { parameters, timeLimit }: IFormRequest
): (key: string) => Promise<Run> {
  const { autolog, experiment, kernelName, saveTo } = options;
  const name = options.name.trim() || null;
  if (clonedRun) {
    return key => api.rerun(clonedRun.run_id, { parameters, name }, key);
  }
  const request = {
    notebook: target.path ?? '',
    parameters,
    experiment: experiment.trim() || null,
    name,
    kernel_name: kernelName || null,
    time_limit: timeLimit,
    autolog,
    ...requestedCopy(saveTo, proposedCopy)
  };
  return key => api.createRun(request, key);
}
