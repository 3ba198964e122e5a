import {
  RenderMimeRegistry,
  standardRendererFactories
} from '@jupyterlab/rendermime';
import { CommandRegistry } from '@lumino/commands';
import { act, cleanup, render } from '@testing-library/react';

import {
  elementsOf,
  HOSTILE_TEXTS
} from '../../contract/__tests__/hostile_texts';
import { CommandIDs } from '../../contract/command_ids';
import type { Environment, Run } from '../../contract/types';
import { ArtifactsView } from '../artifacts_view';
import { CellsView } from '../cells_view';
import { EnvironmentView } from '../environment_view';
import { Header } from '../header';
import { LogView } from '../log_view';
import { Overview } from '../overview';
import type { RunPageStore } from '../run_page_store';
import { aRun, aStore, settled } from './parts';

const rendermime = new RenderMimeRegistry({
  initialFactories: standardRendererFactories
});

/** A run whose every text is `text`; the note is Markdown, which has a test of its own. */
function runOf(text: string): Run {
  return aRun({
    name: text,
    experiment: text,
    message: text,
    status: 'FAILED',
    reason: 'cell_error',
    notebook: text,
    user: text,
    kernel_name: text,
    save_to: text,
    parameters: [
      { key: text, value: text, type: 'str', secret: false, origin: 'given' }
    ],
    tags: [{ key: text, value: text }],
    metrics: [
      {
        key: text,
        value: 1,
        step: 1,
        timestamp: 1,
        count: 1,
        minimum: 1,
        maximum: 1
      }
    ]
  });
}

function environmentOf(text: string): Environment {
  return {
    kernel_name: text,
    kernel_display_name: text,
    language: text,
    language_version: text,
    interpreter: text,
    platform: text,
    hostname: text,
    cpu_model: text,
    cpu_count: 1,
    memory_bytes: 1,
    git: { commit: text, branch: text, dirty: true, remote: null },
    packages_digest: null,
    packages: [{ name: text, version: text }]
  };
}

function storeOf(text: string): RunPageStore {
  return aStore({
    run: async () => runOf(text),
    environment: async () => environmentOf(text),
    artifactUrl: () => '/files/x',
    artifacts: async () => ({
      artifacts: [
        {
          // The tree has a folder for each part, of which there are equally many this way.
          path: text.replaceAll('/', '|'),
          digest: 'sha256:x',
          size: 10,
          media_type: text,
          preview: 'text',
          created_at: 1
        }
      ]
    }),
    artifactContent: async () =>
      Object.assign(new Blob([text]), { text: async () => text }),
    cells: async () => ({
      cells: [
        {
          index: 0,
          cell_id: text,
          state: 'failed',
          started_at: 1,
          duration_ms: 1,
          error_name: text,
          error_value: text
        }
      ]
    }),
    log: async () => ({
      text: `${text}\n`,
      offset: 0,
      next_offset: 10,
      size: 10,
      complete: true
    })
  });
}

const VIEWS: Record<string, (store: RunPageStore, run: Run) => JSX.Element> = {
  header: (store, run) => {
    const commands = new CommandRegistry();
    for (const id of Object.values(CommandIDs)) {
      commands.addCommand(id, { execute: () => undefined });
    }
    return (
      <Header
        store={store}
        run={run}
        commands={commands}
        section="log"
        showFailingCell={null}
      />
    );
  },
  overview: (store, run) => (
    <Overview
      store={store}
      run={run}
      rendermime={rendermime}
      theme={0}
      openRun={() => undefined}
      openSource={() => undefined}
    />
  ),
  environment: store => <EnvironmentView store={store} />,
  files: store => <ArtifactsView store={store} rendermime={rendermime} />,
  cells: store => <CellsView store={store} onSelect={() => undefined} />,
  log: store => <LogView store={store} />
};

async function draw(view: string, text: string): Promise<string[]> {
  const store = storeOf(text);
  await settled();
  const { container } = render(VIEWS[view]!(store, runOf(text)));
  await act(settled);
  await act(settled);
  // The terminal's colours are the log's own.
  const elements = elementsOf(container).filter(
    element => view !== 'log' || element !== 'SPAN class'
  );
  // It is there as text: what was drawn is not the page of an error.
  expect(container.textContent).toContain('evil');
  cleanup();
  store.dispose();
  return elements;
}

describe('a run whose texts are hostile', () => {
  it('comes in a hundred ways', () => {
    expect(new Set(HOSTILE_TEXTS).size).toBe(100);
  });

  it.each(Object.keys(VIEWS))('adds no element to its %s', async view => {
    const plain = await draw(view, 'plain evil text');
    expect(plain.length).toBeGreaterThan(3);
    for (const text of HOSTILE_TEXTS) {
      const drawn = await draw(view, `evil ${text}`);
      expect(drawn).toEqual(plain);
    }
    expect(window).not.toHaveProperty('canary');
  });
});
