/** One metric over steps, drawn by uPlot with the colours of the theme. */
import 'uplot/dist/uPlot.min.css';

import { useEffect, useRef } from 'react';
import uPlot from 'uplot';

import { formatNumber, wireNumber } from '../components/number_format';
import { useTrans } from '../components/translation';
import type { History, WireFloat } from '../contract/types';

const HEIGHT = 164;
/** Distances between two ticks: steps are whole numbers. */
const WHOLE = Array.from({ length: 16 }, (_, power) =>
  [1, 2, 5].map(digit => digit * 10 ** power)
).flat();

export interface ICurveProps {
  history: History;
  logScale: boolean;
  /** Counts the changes of the theme: canvas colours do not follow CSS. */
  theme: number;
}

/** Draw a metric; the same numbers stand in the table above, which is what screen readers get. */
export function Curve({ history, logScale, theme }: ICurveProps): JSX.Element {
  const trans = useTrans();
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const hasBand = history.thinned;

  useEffect(() => {
    const host = box.current;
    if (!host) {
      return;
    }
    const made = new uPlot(
      options(host, hasBand, logScale, trans.__('step')),
      columns(history, logScale),
      host
    );
    plot.current = made;
    const observer = new ResizeObserver(() =>
      made.setSize({ width: Math.max(80, host.clientWidth), height: HEIGHT })
    );
    observer.observe(host);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
    // New points are put into the plot below; only another shape needs another plot.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [hasBand, logScale, theme]);

  useEffect(() => {
    if (plot.current) {
      putIn(plot.current, columns(history, logScale));
    }
  }, [history, logScale]);

  return (
    <figure className="jp-Mlops-Curve">
      <figcaption className="jp-Mlops-Curve-title">{history.key}</figcaption>
      <div
        ref={box}
        className="jp-Mlops-Curve-plot"
        role="img"
        aria-label={trans.__(
          'Curve of %1 over %2 points; the last value is %3',
          history.key,
          history.count,
          formatNumber(history.values.at(-1) ?? NaN)
        )}
      />
    </figure>
  );
}

/** Show new points; where the reader zoomed in, the steps that they chose stay. */
function putIn(plot: uPlot, data: uPlot.AlignedData): void {
  const { min, max } = plot.scales.x ?? {};
  const steps = plot.data[0];
  const first = steps[0];
  const last = steps.at(-1);
  const isZoomed =
    typeof min === 'number' &&
    typeof max === 'number' &&
    first !== undefined &&
    last !== undefined &&
    (min > first || max < last);
  plot.setData(data, !isZoomed);
  if (isZoomed) {
    plot.setScale('x', { min, max });
  }
}

function columns(history: History, logScale: boolean): uPlot.AlignedData {
  const shown = (value: WireFloat | null): number | null => {
    const number = value === null ? NaN : wireNumber(value);
    // A gap where nothing can be drawn: NaN, infinities, and zero or less on a log scale.
    return Number.isFinite(number) && !(logScale && number <= 0)
      ? number
      : null;
  };
  const last = history.values.map(shown);
  return history.thinned
    ? [
        history.steps,
        history.minimum.map(shown),
        history.maximum.map(shown),
        last
      ]
    : [history.steps, last];
}

function options(
  host: HTMLElement,
  hasBand: boolean,
  logScale: boolean,
  xLabel: string
): uPlot.Options {
  const style = getComputedStyle(host);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const line = colour('--jp-brand-color1');
  const text = colour('--jp-ui-font-color2');
  const grid = { stroke: colour('--jp-border-color2'), width: 1 };
  const font = `11px ${colour('--jp-ui-font-family')}`;
  const edge: uPlot.Series = {
    stroke: 'transparent',
    points: { show: false }
  };
  const band: uPlot.Band = {
    series: [2, 1],
    fill: colour('--jp-brand-color3')
  };
  return {
    width: Math.max(80, host.clientWidth),
    height: HEIGHT,
    padding: [8, 12, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 6 } },
    scales: {
      x: { time: false },
      y: logScale ? { distr: 3 } : {}
    },
    axes: [
      {
        stroke: text,
        grid: { show: false },
        ticks: { ...grid, size: 4 },
        font,
        size: 22,
        gap: 2,
        space: 36,
        incrs: WHOLE,
        label: xLabel,
        labelFont: font,
        labelSize: 14,
        labelGap: 0
      },
      {
        stroke: text,
        grid,
        ticks: { show: false },
        font,
        size: 52,
        space: 22,
        values: (_, ticks, __, ___, distance) =>
          ticks.map(tick =>
            tick === null
              ? ''
              : formatNumber(tick, logScale ? 3 : digitsFor(ticks, distance))
          )
      }
    ],
    series: [
      {},
      ...(hasBand ? [edge, edge] : []),
      { stroke: line, width: 1.5, spanGaps: false, points: { size: 4 } }
    ],
    bands: hasBand ? [band] : [],
    plugins: [readout()]
  };
}

/** Significant digits that tell ticks at this distance apart. */
export function digitsFor(ticks: readonly number[], distance: number): number {
  const largest = Math.max(...ticks.map(Math.abs));
  const digits = Math.ceil(Math.log10(largest / distance) - 1e-9) + 1;
  return Math.min(Math.max(3, digits), 9);
}

/** Shows step and value under the cursor in the corner of the plot. */
function readout(): uPlot.Plugin {
  const label = document.createElement('div');
  label.className = 'jp-Mlops-Curve-readout';
  return {
    hooks: {
      init: plot => {
        plot.over.appendChild(label);
      },
      setCursor: plot => {
        const { idx } = plot.cursor;
        const step =
          idx === null || idx === undefined ? null : plot.data[0][idx];
        const value =
          idx === null || idx === undefined ? null : plot.data.at(-1)?.[idx];
        label.textContent =
          step === null ||
          step === undefined ||
          value === null ||
          value === undefined
            ? ''
            : `${step}: ${formatNumber(value)}`;
      }
    }
  };
}
