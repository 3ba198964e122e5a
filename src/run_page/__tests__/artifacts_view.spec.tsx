import {
  RenderMimeRegistry,
  standardRendererFactories
} from '@jupyterlab/rendermime';
import { fireEvent, render, screen, waitFor } from '@testing-library/react';

import type { IMlopsApi } from '../../contract/client';
import { ApiError } from '../../contract/errors';
import type { Artifact } from '../../contract/types';
import { ArtifactsView } from '../artifacts_view';
import { aRun, aStore, RUN_ID } from './parts';

const asked: [string, string | undefined][] = [];

function artifact(
  path: string,
  preview: Artifact['preview'],
  change: Partial<Artifact> = {}
): Artifact {
  return {
    path,
    digest: `sha256:${path}`,
    size: 10,
    media_type: 'text/plain',
    preview,
    created_at: 1,
    ...change
  };
}

function show(
  artifacts: readonly Artifact[],
  content = '',
  answers: Partial<IMlopsApi> = {}
): void {
  const store = aStore({
    run: async () => aRun(),
    artifactUrl: (runId, path) => `/files/${runId}/${path}`,
    artifacts: async () => ({ artifacts: [...artifacts] }),
    artifactContent: async (_, path, range) => {
      asked.push([path, range]);
      // jsdom's blobs have no text().
      return Object.assign(new Blob([content]), {
        text: async () => content
      });
    },
    ...answers
  });
  render(
    <ArtifactsView
      store={store}
      rendermime={
        new RenderMimeRegistry({ initialFactories: standardRendererFactories })
      }
    />
  );
}

beforeEach(() => {
  asked.length = 0;
  URL.createObjectURL = () => 'blob:made';
  URL.revokeObjectURL = () => undefined;
});

describe('the artifacts of a run', () => {
  it.each(['model.tar', 'model.tar.gz', 'data.zip', 'env.whl', 'a.npz'])(
    'are not opened when they are archives: %s',
    async path => {
      show([artifact(path, 'none', { size: 10_000_000_000 })]);
      const link = await screen.findByRole('link', { name: /Download/ });
      expect(link.getAttribute('href')).toBe(`/files/${RUN_ID}/${path}`);
      expect(asked).toEqual([]);
      expect(screen.getAllByRole('link')).toEqual([link]);
    }
  );

  it('begin with a picture if there is one', async () => {
    show([artifact('a.txt', 'text'), artifact('b.png', 'image')]);
    const image = await screen.findByRole<HTMLImageElement>('img');
    expect(image.src).toBe('blob:made');
    expect(image.alt).toBe('b.png');
    expect(asked).toEqual([['b.png', undefined]]);
  });

  it('are chosen from the list', async () => {
    show([artifact('a.bin', 'none'), artifact('b.txt', 'text')], 'hello');
    expect(await screen.findByText(/no preview of this kind/)).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: /b\.txt/ }));
    expect(await screen.findByText('hello')).toBeTruthy();
    expect(
      screen
        .getByRole('button', { name: /b\.txt/ })
        .getAttribute('aria-current')
    ).toBe('true');
    expect(asked).toEqual([['b.txt', undefined]]);
  });

  it('are read only as far as they are shown', async () => {
    show([artifact('big.log', 'text', { size: 5_000_000 })], 'beginning');
    expect(await screen.findByText('beginning')).toBeTruthy();
    expect(asked).toEqual([['big.log', 'bytes=0-524287']]);
    expect(screen.getByText(/Only the beginning/)).toBeTruthy();
  });

  it('come by themselves when the server is in trouble for a moment', async () => {
    let isInTrouble = true;
    show([artifact('a.txt', 'text')], '', {
      artifactContent: async () => {
        if (isInTrouble) {
          isInTrouble = false;
          throw new ApiError('unreachable', 'Nobody answers.');
        }
        return Object.assign(new Blob(), { text: async () => 'hello' });
      }
    });
    expect(
      await screen.findByText(/This page tries again by itself/)
    ).toBeTruthy();
    expect(
      await screen.findByText('hello', {}, { timeout: 3000 })
    ).toBeTruthy();
  });

  it('are not read when the picture is too large', async () => {
    show([artifact('big.png', 'image', { size: 50_000_000 })]);
    expect(await screen.findByText(/too large/)).toBeTruthy();
    expect(asked).toEqual([]);
  });

  it('show JSON in order, and broken JSON as it is', async () => {
    show([artifact('a.json', 'json')], '{"a":[1]}');
    expect(
      await screen.findByText((_, node) =>
        Boolean(
          node?.matches('pre') && node.textContent?.includes('\n  "a": [')
        )
      )
    ).toBeTruthy();
  });

  it('show a table as one, and only its first rows', async () => {
    const rows = Array.from({ length: 300 }, (_, row) => `r${row},${row}`);
    show([artifact('t.csv', 'table')], `name,value\n${rows.join('\n')}`);
    expect(
      await screen.findByRole('columnheader', { name: 'value' })
    ).toBeTruthy();
    expect(screen.getAllByRole('row')).toHaveLength(201);
    expect(screen.getByText('The first 200 rows.')).toBeTruthy();
  });

  it('show a table of 200 rows without saying that there are more', async () => {
    const rows = Array.from({ length: 200 }, (_, row) => `r${row},${row}`);
    show([artifact('t.csv', 'table')], `name,value\n${rows.join('\n')}`);
    expect(await screen.findByText('r199')).toBeTruthy();
    expect(screen.queryByText(/The first/)).toBeNull();
  });

  it('show only the first columns of a very wide table', async () => {
    const wide = Array.from({ length: 5000 }, (_, column) => `c${column}`);
    show([artifact('t.csv', 'table')], `${wide.join()}\n${wide.join()}`);
    expect(await screen.findByText('The first 100 columns.')).toBeTruthy();
    expect(screen.getAllByRole('columnheader')).toHaveLength(100);
    expect(screen.getAllByRole('cell')).toHaveLength(100);
  });

  it('never make elements of a text', async () => {
    show(
      [artifact('t.csv', 'table')],
      '<img src=x onerror=alert(1)>\n<script>1</script>'
    );
    expect(await screen.findByText('<script>1</script>')).toBeTruthy();
    expect(document.querySelector('table img, table script')).toBeNull();
  });

  it('show HTML in a sandbox, with scripts only after a click', async () => {
    show([artifact('a.html', 'html')], '<script>1</script>');
    const frame = async (): Promise<HTMLElement> =>
      await screen.findByTitle('a.html');
    expect((await frame()).getAttribute('sandbox')).toBe('');
    fireEvent.click(screen.getByRole('button', { name: /Run its scripts/ }));
    expect((await frame()).getAttribute('sandbox')).toBe('allow-scripts');
  });

  it('forget that scripts were allowed when another file is shown', async () => {
    show([artifact('a.html', 'html'), artifact('b.html', 'html')], 'x');
    await screen.findByTitle('a.html');
    fireEvent.click(screen.getByRole('button', { name: /Run its scripts/ }));
    fireEvent.click(screen.getByRole('button', { name: /b\.html/ }));
    expect((await screen.findByTitle('b.html')).getAttribute('sandbox')).toBe(
      ''
    );
    fireEvent.click(screen.getByRole('button', { name: /a\.html/ }));
    expect((await screen.findByTitle('a.html')).getAttribute('sandbox')).toBe(
      ''
    );
  });

  it('say why a file could not be read, and try again', async () => {
    let isGone = true;
    show([artifact('a.txt', 'text')], '', {
      artifactContent: async () => {
        if (isGone) {
          throw new Error('The file is gone.');
        }
        return Object.assign(new Blob([]), { text: async () => 'here it is' });
      }
    });
    expect((await screen.findByRole('alert')).textContent).toContain(
      'The file is gone.'
    );
    isGone = false;
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('here it is')).toBeTruthy();
  });

  it('are downloaded by the browser itself, not through memory', async () => {
    show([artifact('models/big.bin', 'none', { size: 5_000_000_000 })]);
    const link = await screen.findByRole<HTMLAnchorElement>('link', {
      name: 'Download'
    });
    expect(link.getAttribute('href')).toBe(`/files/${RUN_ID}/models/big.bin`);
    expect(link.download).toBe('big.bin');
    expect(asked).toEqual([]);
  });

  it('tell how to make one when there is none', async () => {
    show([]);
    await waitFor(() => expect(screen.getByText(/No artifacts/)).toBeTruthy());
    expect(screen.getByText(/log_artifact/)).toBeTruthy();
  });
});
