/** Addresses that open a run: `…/lab?mlops-run=<run_id>`. */

/** The part of an address that names a run, as JupyterLab's router matches it. */
export const RUN_IN_ADDRESS = /[?&]mlops-run=([0-9a-f]{32})(?![0-9a-f])/;

/** The address that opens a run in the application at `here`. */
export function runLink(here: string, runId: string): string {
  const url = new URL(here);
  url.search = '';
  url.hash = '';
  url.searchParams.set('mlops-run', runId);
  return url.href;
}
