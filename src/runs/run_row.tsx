/** One run in the list: two lines that say what it is, how far, and how good. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { memo, type MouseEvent } from 'react';

import { formatDuration } from '../components/duration';
import { Elapsed } from '../components/elapsed';
import { progressText, runProgress } from '../components/run_progress';
import { formatNumber } from '../components/number_format';
import { Sparkline } from '../components/sparkline';
import { StatusGlyph } from '../components/status_badge';
import { reasonName, statusName } from '../components/status_names';
import { isActive } from '../contract/run_status';
import { formatMoment, formatTimeAgo } from '../components/time_ago';
import { useTrans } from '../components/translation';
import type { RunSummary } from '../contract/types';

/** Pixels; the style sheet says the same. */
export const ROW_HEIGHT = 46;

/** What a row can ask for. */
export interface IRowActions {
  open(runId: string): void;
  click(runId: string, event: MouseEvent): void;
  toggle(runId: string): void;
  /** Stop an active run, restore a deleted one, repeat any other. */
  act(run: RunSummary): void;
  /** Make the run the target of the context menu that opens now. */
  aim(runId: string): void;
  menu(event: MouseEvent): void;
}

export interface IRunRowProps {
  run: RunSummary;
  index: number;
  isCurrent: boolean;
  isSelected: boolean;
  showExperiment: boolean;
  /** Whether what its button stands for was asked, and not answered yet. */
  isPending: boolean;
  /** Milliseconds since the epoch, renewed now and then. */
  now: number;
  actions: IRowActions;
}

/** The id of a row's element, for `aria-activedescendant`. */
export function rowId(runId: string): string {
  return `jp-mlops-row-${runId}`;
}

export const RunRow = memo(function RunRow(props: IRunRowProps): JSX.Element {
  const { run, index, isCurrent, isSelected, actions } = props;
  const trans = useTrans();
  return (
    <div
      id={rowId(run.run_id)}
      className="jp-Mlops-RunRow"
      role="row"
      aria-rowindex={index + 1}
      aria-selected={isSelected}
      data-run-id={run.run_id}
      data-current={isCurrent || undefined}
      style={{ top: index * ROW_HEIGHT }}
      onClick={event => actions.click(run.run_id, event)}
      onContextMenu={() => actions.aim(run.run_id)}
    >
      <div className="jp-Mlops-RunRow-mark" role="gridcell">
        <StatusGlyph status={run.status} progress={runProgress(run)} />
        <input
          type="checkbox"
          className="jp-Mlops-RunRow-check"
          tabIndex={-1}
          checked={isSelected}
          aria-label={trans.__('Select %1', run.name)}
          onClick={event => event.stopPropagation()}
          onChange={() => actions.toggle(run.run_id)}
        />
      </div>
      <div className="jp-Mlops-RunRow-text" role="gridcell">
        <span className="jp-Mlops-RunRow-name" title={tooltip(props, trans)}>
          {run.parent_run_id !== null && <ChildMark />}
          {run.name}
        </span>
        <span className="jp-Mlops-RunRow-facts">
          <span className="jp-Mlops-Hidden">
            {statusName(run.status, trans)}.{' '}
          </span>
          <Facts {...props} />
        </span>
      </div>
      <div className="jp-Mlops-RunRow-metric" role="gridcell">
        <KeyMetric run={run} />
      </div>
      <div className="jp-Mlops-RunRow-actions" role="gridcell">
        <RowButtons {...props} />
      </div>
    </div>
  );
});

function tooltip({ run }: IRunRowProps, trans: TranslationBundle): string {
  return [
    run.name,
    run.notebook,
    formatMoment(run.created_at, trans),
    run.message
  ]
    .filter(Boolean)
    .join('\n');
}

/** Stands before the name of a run that is the child of another. */
function ChildMark(): JSX.Element {
  const trans = useTrans();
  return (
    <>
      <span className="jp-Mlops-RunRow-child" aria-hidden="true">
        ↳
      </span>
      <span className="jp-Mlops-Hidden">{trans.__('Child run:')} </span>
    </>
  );
}

/** The notebook that a run was logged from; the run of a notebook is called after it. */
function origin({ notebook, source_type }: RunSummary): string {
  return source_type === 'notebook' || notebook === null
    ? ''
    : (notebook.split('/').at(-1) ?? '');
}

function Facts(props: IRunRowProps): JSX.Element {
  const { run, showExperiment, now, isPending } = props;
  const trans = useTrans();
  const experiment = showExperiment ? ` · ${run.experiment}` : '';
  if (isActive(run)) {
    return (
      <>
        {origin(run) && `${origin(run)} · `}
        {progressText(
          {
            ...run,
            cancel_requested: run.cancel_requested || isPending
          },
          trans
        )}
        {run.started_at !== null && ' · '}
        <Elapsed startedAt={run.started_at} durationMs={run.duration_ms} />
        {experiment}
      </>
    );
  }
  const took = run.duration_ms === null ? '' : formatDuration(run.duration_ms);
  return (
    <>
      {[
        origin(run),
        run.reason ? reasonName(run.reason, trans) : '',
        took,
        formatTimeAgo(run.ended_at ?? run.created_at, now, trans)
      ]
        .filter(Boolean)
        .join(' · ')}
      {experiment}
    </>
  );
}

function KeyMetric({ run }: { run: RunSummary }): JSX.Element | null {
  const metric = run.key_metric;
  if (!metric) {
    return null;
  }
  return (
    <>
      <span className="jp-Mlops-RunRow-value">
        {formatNumber(metric.value)}
      </span>
      <span className="jp-Mlops-RunRow-trend">
        <span className="jp-Mlops-RunRow-key" title={metric.key}>
          {metric.key}
        </span>
        {run.sparkline.length > 1 && (
          <Sparkline values={run.sparkline} width={40} />
        )}
      </span>
    </>
  );
}

function RowButtons({ run, isPending, actions }: IRunRowProps): JSX.Element {
  const trans = useTrans();
  const label = isActive(run)
    ? trans.__('Cancel %1', run.name)
    : run.deleted_at !== null
      ? trans.__('Restore %1', run.name)
      : trans.__('Run %1 again', run.name);
  // What runs in code is neither ended nor repeated from here.
  const canAct =
    run.deleted_at !== null ||
    (run.source_type === 'notebook' &&
      !(isActive(run) && run.cancel_requested));
  return (
    <>
      {canAct && (
        <button
          type="button"
          className="jp-Mlops-IconButton"
          tabIndex={-1}
          title={label}
          aria-label={label}
          disabled={isPending}
          onClick={event => {
            event.stopPropagation();
            // Rows move when a run comes on top: a double click must not hit the one that took its place.
            if (event.detail < 2) {
              actions.act(run);
            }
          }}
        >
          <ActionGlyph run={run} />
        </button>
      )}
      <button
        type="button"
        className="jp-Mlops-IconButton"
        tabIndex={-1}
        title={trans.__('More actions')}
        aria-label={trans.__('More actions for %1', run.name)}
        aria-haspopup="menu"
        onClick={event => {
          event.stopPropagation();
          actions.menu(event);
        }}
      >
        <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
          <circle cx="3.5" cy="8" r="1.3" />
          <circle cx="8" cy="8" r="1.3" />
          <circle cx="12.5" cy="8" r="1.3" />
        </svg>
      </button>
    </>
  );
}

function ActionGlyph({ run }: { run: RunSummary }): JSX.Element {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      {isActive(run) ? (
        <rect x="4" y="4" width="8" height="8" rx="1" />
      ) : (
        <path d="M8 2.5a5.5 5.5 0 1 0 5.4 6.6h-1.6A4 4 0 1 1 10.9 5L9 7h4.7V2.2L12 3.9A5.5 5.5 0 0 0 8 2.5z" />
      )}
    </svg>
  );
}
