import { linked, runLink, withoutLink } from '../run_link';

const RUN_ID = '0123456789abcdef'.repeat(2);
const HERE = 'http://host/user/ann/lab/tree/a.ipynb?reset&token=x#y';

describe('the address of a run', () => {
  it('names the run and nothing that was in the address before', () => {
    expect(runLink(HERE, RUN_ID)).toBe(
      `http://host/user/ann/lab/tree/a.ipynb?mlops-run=${RUN_ID}`
    );
  });

  it('may name a part of its page, which is read back', () => {
    const { search } = new URL(runLink(HERE, RUN_ID, 'log'));
    expect(linked(search)).toEqual({ runId: RUN_ID, section: 'log' });
    expect(linked(new URL(runLink(HERE, RUN_ID)).search)).toEqual({
      runId: RUN_ID,
      section: null
    });
  });
});

describe('the address of what is not a run', () => {
  it('names an experiment or the panel alone', () => {
    expect(linked('?reset&mlops-experiment=12')).toEqual({
      runId: null,
      experimentId: 12
    });
    for (const search of [
      '?mlops-panel',
      '?mlops-panel=',
      '?a&mlops-panel&b'
    ]) {
      expect(linked(search)).toEqual({ runId: null, experimentId: null });
    }
  });
});

describe('an address', () => {
  it.each([
    '',
    '?mlops-run=abc',
    `?mlops-run=${RUN_ID}0`,
    '?mlops-section=log',
    '?mlops-experiment=',
    '?mlops-experiment=1234567890123456',
    '?mlops-experiment=wine',
    '?mlops-panels'
  ])('that is %j opens nothing', search => {
    expect(linked(search)).toBeNull();
  });

  it('keeps the rest of it when what it names is opened', () => {
    const address =
      'http://host/lab?reset=' +
      `&mlops-run=${RUN_ID}&mlops-section=log&mlops-experiment=1&mlops-panel`;
    expect(withoutLink(address).href).toBe('http://host/lab?reset=');
  });
});
