/** The log of a run, live: it follows the end until the reader scrolls up. */
import '../../style/run_log.css';

import {
  type UIEvent,
  useCallback,
  useLayoutEffect,
  useMemo,
  useRef,
  useState
} from 'react';

import { formatBytes } from '../components/byte_size';
import { EmptyState, ErrorState, LoadingState } from '../components/states';
import { useTrans } from '../components/translation';
import type { EventType } from '../contract/types';
import { AnsiText } from './ansi';
import { download } from './download';
import { type ILogBlock, LogReader, wholeLog } from './log_reader';
import type { RunPageStore } from './run_page_store';
import { useChange } from './use_change';
import { useKept } from './use_kept';
import { useReading } from './use_news';

const NEWS: readonly EventType[] = [
  'run.progressed',
  'run.logged',
  'run.started',
  'run.ended'
];

interface IShownLog {
  blocks: readonly ILogBlock[];
  isCut: boolean;
  isComplete: boolean;
  size: number;
}

export function LogView({ store }: { store: RunPageStore }): JSX.Element {
  const trans = useTrans();
  const reader = useMemo(() => new LogReader(store.api, store.runId), [store]);
  const read = useCallback(async (): Promise<IShownLog> => {
    await reader.read();
    const { blocks, isCut, isComplete, size } = reader;
    return { blocks, isCut, isComplete, size };
  }, [reader]);
  const { value, error, reload } = useReading<IShownLog>(store, NEWS, read);
  const [follow, setFollow] = useKept(store, 'follow the log', true);
  const box = useRef<HTMLPreElement>(null);
  useLayoutEffect(() => {
    if (follow && box.current) {
      box.current.scrollTop = box.current.scrollHeight;
    }
  }, [value, follow]);

  const onScroll = (event: UIEvent<HTMLPreElement>): void => {
    const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
    setFollow(scrollHeight - scrollTop - clientHeight < 8);
  };

  if (!value) {
    return error ? (
      <ErrorState error={error} onRetry={reload} />
    ) : (
      <LoadingState label={trans.__('Loading the log…')} />
    );
  }
  if (value.blocks.length === 0) {
    return (
      <EmptyState
        title={
          value.isComplete
            ? trans.__('The log is empty')
            : trans.__('Nothing logged yet')
        }
      >
        <p>{trans.__('What cells print appears here as it is printed.')}</p>
      </EmptyState>
    );
  }
  return (
    <div className="jp-Mlops-Log">
      <div className="jp-Mlops-Actions">
        <label className="jp-Mlops-Check">
          <input
            type="checkbox"
            checked={follow}
            onChange={event => setFollow(event.target.checked)}
          />
          {trans.__('Follow the end')}
        </label>
        <DownloadLog store={store} />
        <span className="jp-Mlops-Hint">
          {value.isCut
            ? trans.__('The end of %1 is shown', formatBytes(value.size))
            : formatBytes(value.size)}
        </span>
      </div>
      {/* JupyterLab's themes colour what stands in its own text output. */}
      <div className="jp-RenderedText jp-Mlops-Log-colours">
        <pre
          ref={box}
          className="jp-Mlops-Log-text"
          tabIndex={0}
          role="log"
          aria-live="off"
          aria-label={trans.__('Log of the run')}
          onScroll={onScroll}
        >
          {value.blocks.map(({ id, pieces }) => (
            <AnsiText key={id} pieces={pieces} />
          ))}
        </pre>
      </div>
    </div>
  );
}

/** Saves the whole log, not only the end that is shown. */
function DownloadLog({ store }: { store: RunPageStore }): JSX.Element {
  const trans = useTrans();
  const { isBusy, problem, make } = useChange();
  const [share, setShare] = useState(0);
  const save = async (): Promise<void> => {
    setShare(0);
    const content = await wholeLog(store.api, store.runId, setShare);
    download(content, `${store.runId}.log`);
  };
  return (
    <>
      <button
        type="button"
        className="jp-Mlops-Link"
        disabled={isBusy}
        onClick={() => void make(save)}
      >
        {isBusy
          ? trans.__('Downloading… %1 %', Math.floor(100 * share))
          : trans.__('Download')}
      </button>
      {problem && (
        <span className="jp-Mlops-Problem" role="alert">
          {problem}
        </span>
      )}
    </>
  );
}
