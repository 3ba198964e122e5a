/** The states of a run and the reasons of its end in the user's words. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Reason, RunStatus } from '../contract/types';

/** Name a state. */
export function statusName(
  status: RunStatus,
  trans: TranslationBundle
): string {
  switch (status) {
    case 'SCHEDULED':
      return trans.__('Queued');
    case 'RUNNING':
      return trans.__('Running');
    case 'FINISHED':
      return trans.__('Finished');
    case 'FAILED':
      return trans.__('Failed');
    case 'KILLED':
      return trans.__('Cancelled');
  }
}

/** Name the reason of an end. */
export function reasonName(reason: Reason, trans: TranslationBundle): string {
  switch (reason) {
    case 'cancelled':
      return trans.__('Cancelled');
    case 'cell_error':
      return trans.__('Cell error');
    case 'kernel_died':
      return trans.__('Kernel died');
    case 'out_of_memory':
      return trans.__('Out of memory');
    case 'start_timeout':
      return trans.__('Kernel did not start');
    case 'time_limit':
      return trans.__('Time limit');
    case 'lost':
      return trans.__('Lost');
    case 'refused':
      return trans.__('Refused');
  }
}
