import { runLink, runOf, withoutRun } from '../run_link';

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
    expect(runOf(search)).toEqual({ runId: RUN_ID, section: 'log' });
    expect(runOf(new URL(runLink(HERE, RUN_ID)).search)).toEqual({
      runId: RUN_ID,
      section: null
    });
  });

  it.each([
    '',
    '?mlops-run=abc',
    `?mlops-run=${RUN_ID}0`,
    '?mlops-section=log'
  ])('is not in %j', search => {
    expect(runOf(search)).toBeNull();
  });

  it('leaves the rest of an address as it was', () => {
    const address = `http://host/lab?reset=&mlops-run=${RUN_ID}&mlops-section=log`;
    expect(withoutRun(address).href).toBe('http://host/lab?reset=');
  });
});
