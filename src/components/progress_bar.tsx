/** How far something is, as a thin bar. */
export interface IProgressBarProps {
  /** 0 to 1, or null while the end is not known. */
  value: number | null;
  /** What is progressing, for screen readers. */
  label: string;
}

/** Draw the bar; an unknown end is a moving one. */
export function ProgressBar({ value, label }: IProgressBarProps): JSX.Element {
  const percent = value === null ? undefined : Math.round(100 * value);
  return (
    <div
      className="jp-Mlops-ProgressBar"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <div
        className="jp-Mlops-ProgressBar-fill"
        data-endless={value === null || undefined}
        style={percent === undefined ? undefined : { width: `${percent}%` }}
      />
    </div>
  );
}
