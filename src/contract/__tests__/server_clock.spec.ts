import { ServerClock } from '../server_clock';

const NOW = Date.UTC(2026, 0, 1, 12, 0, 0, 400);

/** The header of an answer made at this moment: whole seconds, rounded down. */
function header(time: number): string {
  return new Date(time).toUTCString();
}

describe('the clock of the server', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: NOW });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('is the own one until an answer says otherwise', () => {
    const clock = new ServerClock();
    expect(clock.now()).toBe(NOW);
    clock.heard(null, NOW - 10, NOW);
    clock.heard('yesterday', NOW - 10, NOW);
    expect(clock.now()).toBe(NOW);
  });

  it('is left alone while it may agree, so that no rounding moves it', () => {
    const clock = new ServerClock();
    for (const moment of [0, 350, 599, 600, 999]) {
      clock.heard(header(NOW + moment), NOW + moment - 20, NOW + moment);
    }
    expect(clock.now()).toBe(NOW);
  });

  it.each([-7_200_000, -5000, 5000, 7_200_000])(
    'is found within a second where it differs by %d ms',
    skew => {
      const clock = new ServerClock();
      clock.heard(header(NOW + skew), NOW - 20, NOW);
      expect(Math.abs(clock.now() - (NOW + skew))).toBeLessThanOrEqual(1020);
      // Answers at other moments within the second narrow it down.
      for (let moment = 0; moment < 1000; moment += 50) {
        clock.heard(
          header(NOW + skew + moment),
          NOW + moment - 20,
          NOW + moment
        );
      }
      expect(Math.abs(clock.now() - (NOW + skew))).toBeLessThanOrEqual(80);
    }
  );

  it('follows when a clock is set', () => {
    const clock = new ServerClock();
    clock.heard(header(NOW + 60_000), NOW, NOW);
    clock.heard(header(NOW), NOW, NOW);
    expect(Math.abs(clock.now() - NOW)).toBeLessThanOrEqual(1000);
  });
});
