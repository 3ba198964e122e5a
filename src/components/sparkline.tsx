/** A metric's course in the size of a word. */
import { memo } from 'react';

export interface ISparklineProps {
  /** Values in order of step; a null or non-finite entry leaves a gap. */
  values: readonly (number | null)[];
  /** Pixels. */
  width?: number;
  height?: number;
  /** What a screen reader says; without it the line is decoration. */
  label?: string;
}

const MARGIN = 2;

/** The path of a line through `values`, scaled to the box; empty with fewer than two numbers. */
export function sparklinePath(
  values: readonly (number | null)[],
  width: number,
  height: number
): { path: string; end: [number, number] | null } {
  const finite = values.filter(
    (value): value is number => value !== null && Number.isFinite(value)
  );
  if (finite.length < 2) {
    return { path: '', end: null };
  }
  const low = Math.min(...finite);
  const span = Math.max(...finite) - low;
  const place = (value: number, index: number): [number, number] => [
    MARGIN + (index / (values.length - 1)) * (width - 2 * MARGIN),
    span === 0
      ? height / 2
      : MARGIN + (1 - (value - low) / span) * (height - 2 * MARGIN)
  ];
  let path = '';
  let pen = 'M';
  let end: [number, number] | null = null;
  values.forEach((value, index) => {
    if (value === null || !Number.isFinite(value)) {
      pen = 'M';
      return;
    }
    end = place(value, index);
    path += `${pen}${end[0].toFixed(1)} ${end[1].toFixed(1)}`;
    pen = 'L';
  });
  return { path, end };
}

/** Draw the line with a dot at its end. */
export const Sparkline = memo(function Sparkline({
  values,
  width = 56,
  height = 16,
  label
}: ISparklineProps): JSX.Element | null {
  const { path, end } = sparklinePath(values, width, height);
  if (!end) {
    return null;
  }
  return (
    <svg
      className="jp-Mlops-Sparkline"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role={label ? 'img' : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
      focusable="false"
    >
      <path className="jp-Mlops-Sparkline-line" d={path} />
      <circle
        className="jp-Mlops-Sparkline-end"
        cx={end[0]}
        cy={end[1]}
        r="1.6"
      />
    </svg>
  );
});
