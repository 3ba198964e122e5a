/** The head of a run's page: name, state, what went wrong, and what can be done. */
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import { useEffect, useRef, useState } from 'react';

import { Elapsed } from '../components/elapsed';
import { ProgressBar } from '../components/progress_bar';
import { progressText, runProgress } from '../components/run_progress';
import { StatusBadge } from '../components/status_badge';
import { isActive, isOurs } from '../contract/run_status';
import { useTrans } from '../components/translation';
import { useCommands } from '../components/use_commands';
import { CommandIDs } from '../contract/command_ids';
import type { Run } from '../contract/types';
import type { RunPageStore } from './run_page_store';
import { useChange } from './use_change';

export interface IHeaderProps {
  store: RunPageStore;
  run: Run;
  commands: CommandRegistry;
  /** The tab that is shown: a link leads to it. */
  section: string;
  showFailingCell: (() => void) | null;
}

export function Header(props: IHeaderProps): JSX.Element {
  const { store, run, showFailingCell } = props;
  const trans = useTrans();
  const share = runProgress(run);
  const doing = isActive(run) ? progressText(run, trans) : undefined;
  const isCounting = run.status === 'RUNNING' && !run.cancel_requested;
  return (
    <div className="jp-Mlops-RunHeader">
      <div className="jp-Mlops-RunHeader-line">
        <Name store={store} run={run} />
        <Actions {...props} />
      </div>
      <div className="jp-Mlops-RunHeader-facts">
        {/* What is read aloud when it changes: the state, not every cell. */}
        <span className="jp-Mlops-RunHeader-state" role="status">
          <StatusBadge
            status={run.status}
            reason={run.reason}
            progress={share}
            label={isCounting ? undefined : doing}
          />
        </span>
        {isCounting && share !== null && <span>{doing}</span>}
        <Elapsed startedAt={run.started_at} durationMs={run.duration_ms} />
        <span className="jp-Mlops-RunHeader-experiment">{run.experiment}</span>
        {run.deleted_at !== null && (
          <span className="jp-Mlops-Pill">{trans.__('In the trash')}</span>
        )}
      </div>
      {run.status === 'RUNNING' && (
        <ProgressBar value={share} label={trans.__('Progress')} />
      )}
      {run.message && (
        <p className="jp-Mlops-RunHeader-message" data-status={run.status}>
          <span>{run.message}</span>
          {showFailingCell && run.status === 'FAILED' && (
            <button
              type="button"
              className="jp-Mlops-Link"
              onClick={showFailingCell}
            >
              {trans.__('Show the cell')}
            </button>
          )}
        </p>
      )}
    </div>
  );
}

function Name({ store, run }: { store: RunPageStore; run: Run }): JSX.Element {
  const trans = useTrans();
  const [draft, setDraft] = useState<string | null>(null);
  const { isBusy, problem, setProblem, make } = useChange();
  const button = useRef<HTMLButtonElement>(null);
  const wasEditing = useRef(false);
  useEffect(() => {
    if (wasEditing.current && draft === null) {
      button.current?.focus();
    }
    wasEditing.current = draft !== null;
  }, [draft]);

  const save = async (): Promise<void> => {
    const name = draft?.trim();
    if (!name || name === run.name) {
      setDraft(null);
      return;
    }
    // Enter and the loss of focus that follows are one wish, and one change at a time is made.
    await make(async () => {
      store.put(await store.api.changeRun(run.run_id, { name }));
      setDraft(null);
    });
  };

  if (draft === null) {
    return (
      <h2 className="jp-Mlops-RunHeader-name">
        <button
          ref={button}
          type="button"
          title={trans.__('Rename this run')}
          onClick={() => setDraft(run.name)}
        >
          {run.name}
        </button>
      </h2>
    );
  }
  return (
    <div className="jp-Mlops-RunHeader-name">
      <input
        className="jp-Mlops-Input"
        aria-label={trans.__('Name of the run')}
        autoFocus
        aria-busy={isBusy}
        readOnly={isBusy}
        value={draft}
        onFocus={event => event.target.select()}
        onChange={event => setDraft(event.target.value)}
        onBlur={() => void save()}
        onKeyDown={event => {
          if (event.key === 'Enter') {
            void save();
          } else if (event.key === 'Escape') {
            setDraft(null);
            setProblem('');
          }
        }}
      />
      {problem && (
        <span className="jp-Mlops-Problem" role="alert">
          {problem}
        </span>
      )}
    </div>
  );
}

function Actions({ run, commands, section }: IHeaderProps): JSX.Element {
  const trans = useTrans();
  useCommands(commands);
  const button = (
    command: string,
    label: string,
    isEnabled = true,
    args: ReadonlyJSONObject = {}
  ): JSX.Element => (
    <button
      key={command}
      type="button"
      className="jp-Mlops-Button"
      disabled={!isEnabled}
      onClick={() =>
        void commands.execute(command, { run_id: run.run_id, ...args })
      }
    >
      {label}
    </button>
  );
  // Not while the last click on it is under way.
  const isFree = (command: string): boolean =>
    commands.isEnabled(command, { run_id: run.run_id });
  const fromNotebook = run.source_type === 'notebook';
  return (
    <div className="jp-Mlops-Actions">
      {isActive(run) && fromNotebook
        ? button(
            CommandIDs.cancelRuns,
            trans.__('Cancel'),
            !run.cancel_requested && isFree(CommandIDs.cancelRuns)
          )
        : null}
      {fromNotebook &&
        button(
          CommandIDs.rerun,
          trans.__('Run again'),
          isFree(CommandIDs.rerun)
        )}
      {fromNotebook &&
        commands.hasCommand(CommandIDs.cloneRun) &&
        button(CommandIDs.cloneRun, trans.__('Change parameters…'))}
      {button(CommandIDs.copyRunLink, trans.__('Copy link'), true, { section })}
      {!isOurs(run) &&
        (run.deleted_at === null
          ? button(CommandIDs.trashRuns, trans.__('Delete'))
          : [
              button(CommandIDs.restoreRuns, trans.__('Restore')),
              button(CommandIDs.purgeRuns, trans.__('Delete permanently…'))
            ])}
    </div>
  );
}
