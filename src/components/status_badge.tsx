/** The state of a run: a glyph that differs by shape as well as by colour, and its name. */
import type { Reason, RunStatus } from '../contract/types';
import { reasonName, statusName } from './status_names';
import { useTrans } from './translation';

export interface IStatusGlyphProps {
  status: RunStatus;
  /** Share of the work done, 0 to 1; a running glyph draws it as a ring. */
  progress?: number | null;
}

const RADIUS = 6;
const CIRCUMFERENCE = 2 * Math.PI * RADIUS;

/** Draw the glyph alone; it is decoration, the name has to stand beside it. */
export function StatusGlyph({
  status,
  progress = null
}: IStatusGlyphProps): JSX.Element {
  return (
    <svg
      className="jp-Mlops-StatusGlyph"
      data-status={status}
      viewBox="0 0 16 16"
      aria-hidden="true"
      focusable="false"
    >
      <Shape status={status} progress={progress} />
    </svg>
  );
}

function Shape({ status, progress }: Required<IStatusGlyphProps>): JSX.Element {
  switch (status) {
    case 'SCHEDULED':
      return (
        <>
          <circle
            className="jp-Mlops-StatusGlyph-line"
            cx="8"
            cy="8"
            r={RADIUS}
          />
          <path className="jp-Mlops-StatusGlyph-line" d="M8 4.8V8l2.2 1.4" />
        </>
      );
    case 'RUNNING':
      return (
        <>
          <circle
            className="jp-Mlops-StatusGlyph-track"
            cx="8"
            cy="8"
            r={RADIUS}
          />
          <circle
            className={
              progress === null
                ? 'jp-Mlops-StatusGlyph-spin'
                : 'jp-Mlops-StatusGlyph-arc'
            }
            cx="8"
            cy="8"
            r={RADIUS}
            strokeDasharray={`${Math.max(0.06, progress ?? 0.3) * CIRCUMFERENCE} ${CIRCUMFERENCE}`}
          />
          <circle className="jp-Mlops-StatusGlyph-pulse" cx="8" cy="8" r="2" />
        </>
      );
    case 'FINISHED':
      return (
        <>
          <circle className="jp-Mlops-StatusGlyph-disc" cx="8" cy="8" r="7" />
          <path
            className="jp-Mlops-StatusGlyph-mark"
            d="M4.9 8.3l2.1 2.1 4.1-4.4"
          />
        </>
      );
    case 'FAILED':
      return (
        <>
          <circle className="jp-Mlops-StatusGlyph-disc" cx="8" cy="8" r="7" />
          <path
            className="jp-Mlops-StatusGlyph-mark"
            d="M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8"
          />
        </>
      );
    case 'KILLED':
      return (
        <>
          <circle
            className="jp-Mlops-StatusGlyph-line"
            cx="8"
            cy="8"
            r={RADIUS}
          />
          <rect
            className="jp-Mlops-StatusGlyph-fill"
            x="5.6"
            y="5.6"
            width="4.8"
            height="4.8"
            rx="0.8"
          />
        </>
      );
  }
}

export interface IStatusBadgeProps extends IStatusGlyphProps {
  reason?: Reason | null;
  /** What is said instead of the state's name. */
  label?: string;
}

/** Show glyph and name; the reason of a failure replaces the bare word. */
export function StatusBadge(props: IStatusBadgeProps): JSX.Element {
  const trans = useTrans();
  const name = statusName(props.status, trans);
  const reason = props.reason ? reasonName(props.reason, trans) : null;
  return (
    <span
      className="jp-Mlops-StatusBadge"
      data-status={props.status}
      title={reason && reason !== name ? `${name}: ${reason}` : name}
    >
      <StatusGlyph status={props.status} progress={props.progress} />
      <span className="jp-Mlops-StatusBadge-name">
        {props.label ?? reason ?? name}
      </span>
    </span>
  );
}
