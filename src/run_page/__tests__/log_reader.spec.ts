import type { LogPage } from '../../contract/types';
import { LogReader, wholeLog } from '../log_reader';
import { anApi, RUN_ID } from './parts';

/** A log that grows, answered in pieces as the server does. */
class GrowingLog {
  text = '';
  complete = false;
  asked: number[] = [];

  readonly api = anApi({
    log: async (_runId, after, limit = 100): Promise<LogPage> => {
      this.asked.push(after);
      const size = this.text.length;
      const offset = after === -1 ? Math.max(0, size - limit) : after;
      const text = this.text.slice(offset, offset + limit);
      return {
        text,
        offset,
        next_offset: offset + text.length,
        size,
        complete: this.complete && offset + text.length === size
      };
    }
  });
}

const textOf = (reader: LogReader): string =>
  reader.blocks
    .flatMap(({ pieces }) => pieces.map(({ text }) => text))
    .join('');

describe('the reader of a log', () => {
  it('begins at the end of a long log and says so', async () => {
    const log = new GrowingLog();
    log.text = 'x'.repeat(300_000) + 'end';
    const reader = new LogReader(log.api, RUN_ID);
    await reader.read();
    expect(reader.isCut).toBe(true);
    expect(textOf(reader).endsWith('xend')).toBe(true);
    expect(textOf(reader).length).toBeLessThan(300_000);
    expect(reader.size).toBe(300_003);
  });

  it('goes on where it stopped', async () => {
    const log = new GrowingLog();
    const reader = new LogReader(log.api, RUN_ID);
    log.text = 'one\n';
    expect(await reader.read()).toBe(true);
    log.text += 'two\n';
    expect(await reader.read()).toBe(true);
    expect(await reader.read()).toBe(false);
    expect(textOf(reader)).toBe('one\ntwo\n');
    expect(reader.isCut).toBe(false);
    expect(log.asked).toEqual([-1, 4, 8]);
  });

  it('reads on until it has everything', async () => {
    const log = new GrowingLog();
    const reader = new LogReader(log.api, RUN_ID);
    await reader.read();
    log.text = 'y'.repeat(600_000);
    await reader.read();
    expect(textOf(reader)).toHaveLength(600_000);
  });

  it('repeats nothing when it is asked twice at once', async () => {
    const log = new GrowingLog();
    const reader = new LogReader(log.api, RUN_ID);
    log.text = 'one\n';
    await Promise.all([reader.read(), reader.read()]);
    log.text += 'two\n';
    await Promise.all([reader.read(), reader.read(), reader.read()]);
    expect(textOf(reader)).toBe('one\ntwo\n');
  });

  it('goes on after a failure', async () => {
    const log = new GrowingLog();
    log.text = 'one\n';
    let isAway = true;
    const reader = new LogReader(
      anApi({
        log: (...args) =>
          isAway ? Promise.reject(new Error('away')) : log.api.log(...args)
      }),
      RUN_ID
    );
    await expect(reader.read()).rejects.toThrow('away');
    isAway = false;
    await reader.read();
    expect(textOf(reader)).toBe('one\n');
  });

  it('drops what is old, by whole lines, and stays light', async () => {
    const log = new GrowingLog();
    const reader = new LogReader(log.api, RUN_ID);
    await reader.read();
    const line = `${'z'.repeat(99)}\n`;
    log.text = line.repeat(20_000);
    await reader.read();
    expect(textOf(reader).length).toBeLessThanOrEqual(1024 * 1024);
    expect(textOf(reader).length % line.length).toBe(0);
    expect(reader.isCut).toBe(true);
  });

  it('leaves what is read already as it is, and grows only the end', async () => {
    const log = new GrowingLog();
    const reader = new LogReader(log.api, RUN_ID);
    await reader.read();
    const line = `${'z'.repeat(99)}\n`;
    log.text = line.repeat(5000);
    await reader.read();
    const before = reader.blocks;
    log.text += 'more\n';
    await reader.read();
    const now = reader.blocks;
    expect(now.length).toBeGreaterThan(5);
    expect(now.slice(0, -1)).toEqual(before.slice(0, -1));
    now.slice(0, -1).forEach((block, index) => {
      expect(block).toBe(before[index]);
    });
    expect(textOf(reader)).toBe(log.text);
  });

  it('keeps a line that never ends', async () => {
    const log = new GrowingLog();
    const reader = new LogReader(log.api, RUN_ID);
    await reader.read();
    log.text = '50%\r'.repeat(100_000);
    await reader.read();
    expect(textOf(reader)).toBe(log.text);
  });

  it('knows when nothing will follow', async () => {
    const log = new GrowingLog();
    const reader = new LogReader(log.api, RUN_ID);
    await reader.read();
    log.complete = true;
    expect(await reader.read()).toBe(true);
    expect(reader.isComplete).toBe(true);
  });
});

describe('the whole log', () => {
  it('is read from its beginning, however long it is', async () => {
    const log = new GrowingLog();
    log.text = `first\n${'x'.repeat(3_000_000)}last`;
    const shares: number[] = [];
    const content = await wholeLog(log.api, RUN_ID, share =>
      shares.push(share)
    );
    expect(content.size).toBe(log.text.length);
    expect(log.asked[0]).toBe(0);
    expect(shares.at(-1)).toBe(1);
    expect(shares).toEqual([...shares].sort((one, two) => one - two));
  });
});
