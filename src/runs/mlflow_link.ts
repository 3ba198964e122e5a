/**
 * Links that MLflow's clients print: `<tracking address>/#/experiments/1/runs/<run_id>`. The address is that
 * of a kernel's own machine, where the browser may find nothing, or another server.
 */

import type { CommandRegistry } from '@lumino/commands';

import type { IMlopsApi } from '../contract/client';
import { CommandIDs } from '../contract/command_ids';
import { isNotFound } from '../contract/errors';

/** Where such a link leads. */
export interface IMlflowPlace {
  experimentId: number;
  runId: string | null;
  /** Whether it leads to this server for sure; else it may be another one of the kernel's machine. */
  isOurs: boolean;
}

const PLACE = /^#\/experiments\/(\d{1,15})(?:\/runs\/([0-9a-f]{32}))?(?![\w-])/;
const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/** Read a link for the Jupyter server at `serverUrl`; null for one that leads elsewhere. */
export function mlflowPlace(
  link: string,
  serverUrl: string
): IMlflowPlace | null {
  const there = new URL(link);
  const here = new URL(serverUrl);
  const [, experiment, runId] = PLACE.exec(there.hash) ?? [];
  const isHere = there.host === here.host;
  const isLoopback = LOOPBACK.test(there.hostname);
  if (
    experiment === undefined ||
    there.pathname !== `${here.pathname}mlops/` ||
    !(isHere || isLoopback)
  ) {
    return null;
  }
  return {
    experimentId: Number(experiment),
    runId: runId ?? null,
    isOurs: isHere || !LOOPBACK.test(here.hostname) || there.port === here.port
  };
}

/** Show what a link leads to in this window; what is not on this server opens as any link does. */
export async function followMlflowLink(
  link: string,
  api: IMlopsApi,
  commands: CommandRegistry
): Promise<void> {
  const place = mlflowPlace(link, api.serverUrl);
  if (place?.runId && (place.isOurs || (await isKnown(api, place.runId)))) {
    await commands.execute(CommandIDs.openRun, { run_id: place.runId });
  } else if (place?.isOurs) {
    await commands.execute(CommandIDs.showRuns, {
      experiment_id: place.experimentId
    });
  } else {
    window.open(link, '_blank', 'noopener');
  }
}

/** Whether a run is in the store of this server: a port that was passed on has another number here. */
async function isKnown(api: IMlopsApi, runId: string): Promise<boolean> {
  try {
    await api.run(runId);
    return true;
  } catch (reason) {
    return !isNotFound(reason);
  }
}
