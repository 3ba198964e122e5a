/** Addresses that open a run: `…/lab?mlops-run=<run_id>`, and one part of it with `&mlops-section=log`. */

/** The part of an address that names a run, as JupyterLab's router matches it. */
export const RUN_IN_ADDRESS = /[?&]mlops-run=([0-9a-f]{32})(?![0-9a-f])/;

const RUN = 'mlops-run';
const SECTION = 'mlops-section';

/** What an address says to open. */
export interface IRunAddress {
  runId: string;
  section: string | null;
}

/** The address that opens a run in the application at `here`, at one part of its page. */
export function runLink(here: string, runId: string, section = ''): string {
  const url = new URL(here);
  url.search = '';
  url.hash = '';
  url.searchParams.set(RUN, runId);
  if (section) {
    url.searchParams.set(SECTION, section);
  }
  return url.href;
}

/** What the query of an address says to open, if anything. */
export function runOf(search: string): IRunAddress | null {
  const runId = RUN_IN_ADDRESS.exec(search)?.[1];
  return runId
    ? { runId, section: new URLSearchParams(search).get(SECTION) }
    : null;
}

/** The address without what names a run. */
export function withoutRun(here: string): URL {
  const url = new URL(here);
  url.searchParams.delete(RUN);
  url.searchParams.delete(SECTION);
  return url;
}
