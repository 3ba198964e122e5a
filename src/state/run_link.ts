/**
 * Addresses that open a run: `…/lab?mlops-run=<run_id>`, and one part of it with `&mlops-section=log`;
 * or the list of an experiment: `…/lab?mlops-experiment=<number>`; or the panel: `…/lab?mlops-panel`.
 */

/** The part of an address that names something to open. */
export const LINK_IN_ADDRESS =
  /[?&](?:mlops-run=([0-9a-f]{32})(?![0-9a-f])|mlops-experiment=(\d{1,15})(?!\d)|(mlops-panel)(?![\w-]))/;

const RUN = 'mlops-run';
const SECTION = 'mlops-section';
const EXPERIMENT = 'mlops-experiment';
const PANEL = 'mlops-panel';

/** What an address says to open: a run, or else the panel, with the runs of one experiment or all. */
export type ILinked =
  | { runId: string; section: string | null }
  | { runId: null; experimentId: number | null };

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
export function linked(search: string): ILinked | null {
  const found = LINK_IN_ADDRESS.exec(search);
  if (!found) {
    return null;
  }
  const [, runId, experiment] = found;
  return runId
    ? { runId, section: new URLSearchParams(search).get(SECTION) }
    : { runId: null, experimentId: experiment ? Number(experiment) : null };
}

/** The address without what names something to open. */
export function withoutLink(here: string): URL {
  const url = new URL(here);
  for (const name of [RUN, SECTION, EXPERIMENT, PANEL]) {
    url.searchParams.delete(name);
  }
  return url;
}
