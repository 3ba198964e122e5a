import { plugins } from '..';

describe('the plugins', () => {
  it('carry the name of the package, so that deployers can disable them', () => {
    for (const { id } of plugins) {
      expect(id).toMatch(/^jupyter-mlops:[a-z][a-z-]*$/);
    }
  });

  it('are named once each', () => {
    const ids = plugins.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('say what a user loses by disabling them', () => {
    for (const { description } of plugins) {
      expect(description).toMatch(/\w.+\.$/);
    }
  });
});
