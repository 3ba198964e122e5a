import {
  RenderMimeRegistry,
  standardRendererFactories
} from '@jupyterlab/rendermime';
import { render } from '@testing-library/react';

import type { IMlopsApi } from '../../contract/client';
import type { Run } from '../../contract/types';
import { Overview } from '../overview';
import { RunPageStore } from '../run_page_store';
import { anApi, MadeFeed, RUN_ID } from './parts';

export const rendermime = new RenderMimeRegistry({
  initialFactories: standardRendererFactories
});
const NO_RUNS = { runs: [], total: 0, next_cursor: null };
/** What the links of the overview led to. */
export const opened: string[] = [];

/** Draw the overview of a run, and again whenever its store changes. */
export function show(run: Run, answers: Partial<IMlopsApi> = {}): RunPageStore {
  const store = new RunPageStore(
    anApi({ runs: () => Promise.resolve(NO_RUNS), ...answers }),
    new MadeFeed(false),
    RUN_ID
  );
  const view = (shown: Run): JSX.Element => (
    <Overview
      store={store}
      run={shown}
      rendermime={rendermime}
      theme={0}
      openRun={runId => opened.push(runId)}
      openSource={() => opened.push('source')}
    />
  );
  const { rerender, container } = render(view(run));
  store.changed.connect(() => {
    if (container.isConnected) {
      rerender(view(store.run ?? run));
    }
  });
  return store;
}
