import { formatNumber } from '../../components/number_format';
import { digitsFor } from '../curve';

describe('the marks of an axis', () => {
  it.each([
    [[0.996, 0.9965, 0.997], 0.0005],
    [[0, 0.2, 0.4], 0.2],
    [[1000, 1000.5, 1001], 0.5],
    [[123400, 123450, 123500], 50],
    [[-0.00012, -0.00011], 0.00001]
  ])('can be told apart: %j', (ticks, distance) => {
    const texts = ticks.map(tick =>
      formatNumber(tick, digitsFor(ticks, distance))
    );
    expect(new Set(texts).size).toBe(ticks.length);
    for (const text of texts) {
      expect(text.length).toBeLessThanOrEqual(9);
    }
  });
});
