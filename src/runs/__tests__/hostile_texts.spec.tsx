import { CommandRegistry } from '@lumino/commands';
import { act, cleanup, render } from '@testing-library/react';

import {
  elementsOf,
  HOSTILE_TEXTS
} from '../../contract/__tests__/hostile_texts';
import { aRun, until } from '../../contract/__tests__/in_memory_server';
import { CommandIDs } from '../../contract/command_ids';
import { type ISetUp, setUpShared } from '../../state/__tests__/shared';
import { RunsSection } from '../runs_section';

let setUp: ISetUp | null = null;

afterEach(() => {
  cleanup();
  setUp?.dispose();
});

/** As many runs as a list has rows at once; each has one text everywhere. */
const ROWS = 10;

async function draw(texts: readonly string[]): Promise<string[]> {
  const made = setUpShared();
  setUp = made;
  const commands = new CommandRegistry();
  for (const id of Object.values(CommandIDs)) {
    commands.addCommand(id, { execute: () => undefined });
  }
  Object.defineProperty(HTMLElement.prototype, 'clientHeight', {
    configurable: true,
    get: () => 460
  });
  const runs = texts.map((text, index) =>
    aRun({
      run_id: `run${index}`,
      name: text,
      experiment: text,
      message: text,
      status: 'FAILED',
      reason: 'cell_error',
      notebook: text,
      user: text,
      key_metric: {
        key: text,
        value: 1,
        step: 1,
        timestamp: 1,
        count: 1,
        minimum: 1,
        maximum: 1
      }
    })
  );
  made.server.runs.push(...runs);
  await made.follow();
  const { shared } = made;
  const { container } = render(
    <RunsSection
      store={shared.runs}
      feed={shared.feed}
      experiments={shared.experiments}
      pending={shared.pending}
      commands={commands}
      openMenu={() => undefined}
    />
  );
  await act(() => until(() => shared.runs.isLoaded));
  expect(container.textContent?.match(/evil/g)?.length).toBeGreaterThan(ROWS);
  const elements = elementsOf(container);
  cleanup();
  made.dispose();
  setUp = null;
  return elements;
}

describe('a list of runs whose texts are hostile', () => {
  it('gets no new element', async () => {
    const plain = await draw(Array(ROWS).fill('plain evil text'));
    for (let from = 0; from < HOSTILE_TEXTS.length; from += ROWS) {
      const texts = HOSTILE_TEXTS.slice(from, from + ROWS);
      expect(await draw(texts.map(text => `evil ${text}`))).toEqual(plain);
    }
    expect(window).not.toHaveProperty('canary');
  });
});
