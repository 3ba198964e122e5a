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
import { download } from './csv';
import { LogReader } from './log_reader';
import type { RunPageStore } from './run_page_store';
import { useReading } from './use_news';

const NEWS: readonly EventType[] = [
  'run.progressed',
  'run.logged',
  'run.started',
  'run.ended'
];

interface IShownLog {
  text: string;
  isCut: boolean;
  isComplete: boolean;
  size: number;
}

export function LogView({ store }: { store: RunPageStore }): JSX.Element {
  const trans = useTrans();
  const reader = useMemo(() => new LogReader(store.api, store.runId), [store]);
  const read = useCallback(async (): Promise<IShownLog> => {
    await reader.read();
    const { text, isCut, isComplete, size } = reader;
    return { text, isCut, isComplete, size };
  }, [reader]);
  const { value, error, reload } = useReading<IShownLog>(store, NEWS, read);
  const [follow, setFollow] = useState(true);
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
  if (!value.text) {
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
        <button
          type="button"
          className="jp-Mlops-Link"
          onClick={() =>
            download(
              new Blob([value.text], { type: 'text/plain' }),
              `${store.runId}.log`
            )
          }
        >
          {trans.__('Download what is shown')}
        </button>
        <span className="jp-Mlops-Hint">
          {value.isCut
            ? trans.__('The end of %1', formatBytes(value.size))
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
          <AnsiText text={value.text} />
        </pre>
      </div>
    </div>
  );
}
