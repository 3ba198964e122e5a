import type { LogPage } from '../../contract/types';
import { LogReader } from '../log_reader';
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

describe('the reader of a log', () => {
  it('begins at the end of a long log and says so', async () => {
    const log = new GrowingLog();
    log.text = 'x'.repeat(300_000) + 'end';
    const reader = new LogReader(log.api, RUN_ID);
    await reader.read();
    expect(reader.isCut).toBe(true);
    expect(reader.text.endsWith('xend')).toBe(true);
    expect(reader.text.length).toBeLessThan(300_000);
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
    expect(reader.text).toBe('one\ntwo\n');
    expect(reader.isCut).toBe(false);
    expect(log.asked).toEqual([-1, 4, 8]);
  });

  it('reads on until it has everything', async () => {
    const log = new GrowingLog();
    const reader = new LogReader(log.api, RUN_ID);
    await reader.read();
    log.text = 'y'.repeat(600_000);
    await reader.read();
    expect(reader.text).toHaveLength(600_000);
  });

  it('repeats nothing when it is asked twice at once', async () => {
    const log = new GrowingLog();
    const reader = new LogReader(log.api, RUN_ID);
    log.text = 'one\n';
    await Promise.all([reader.read(), reader.read()]);
    log.text += 'two\n';
    await Promise.all([reader.read(), reader.read(), reader.read()]);
    expect(reader.text).toBe('one\ntwo\n');
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
    expect(reader.text).toBe('one\n');
  });

  it('drops what is old, by whole lines, and stays light', async () => {
    const log = new GrowingLog();
    const reader = new LogReader(log.api, RUN_ID);
    await reader.read();
    const line = `${'z'.repeat(99)}\n`;
    log.text = line.repeat(20_000);
    await reader.read();
    expect(reader.text.length).toBeLessThanOrEqual(1024 * 1024);
    expect(reader.text.length % line.length).toBe(0);
    expect(reader.isCut).toBe(true);
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
