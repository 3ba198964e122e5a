/** How long a run took, or has been going on: it counts while the run does. */
import { formatDuration } from './duration';
import { useNow } from './use_now';

export interface IElapsedProps {
  startedAt: number | null;
  /** Milliseconds, once the run ended. */
  durationMs: number | null;
}

/** Show the time of one run; nothing before it started. */
export function Elapsed({
  startedAt,
  durationMs
}: IElapsedProps): JSX.Element | null {
  const now = useNow(durationMs === null && startedAt !== null);
  if (durationMs !== null) {
    return (
      <span className="jp-Mlops-Elapsed">{formatDuration(durationMs)}</span>
    );
  }
  if (startedAt === null) {
    return null;
  }
  return (
    <span className="jp-Mlops-Elapsed" aria-live="off">
      {formatDuration(Math.max(0, now - startedAt))}
    </span>
  );
}
