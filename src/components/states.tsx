/** What a view shows when it has nothing, is waiting, or cannot go on: always with a way out. */
import type { LabIcon } from '@jupyterlab/ui-components';
import type { ReactNode } from 'react';

import { ApiError, errorMessage } from '../contract/errors';
import { useTrans } from './translation';

/** Shell commands are the same in every language. */
const INSTALL = [
  'pip install jupyter-mlops',
  'jupyter server extension enable jupyter_mlops'
].join('\n');

export interface IEmptyStateProps {
  title: string;
  icon?: LabIcon;
  /** Explanation and ways out. */
  children?: ReactNode;
}

/** Say that there is nothing here yet, and what would put something here. */
export function EmptyState({
  title,
  icon: Icon,
  children
}: IEmptyStateProps): JSX.Element {
  return (
    <div className="jp-Mlops-State">
      {Icon && (
        <Icon.react tag="span" className="jp-Mlops-State-icon" aria-hidden />
      )}
      <p className="jp-Mlops-State-title">{title}</p>
      {children && <div className="jp-Mlops-State-body">{children}</div>}
    </div>
  );
}

/** Say that something is on its way; shown only after a moment, so that quick answers do not flicker. */
export function LoadingState({ label }: { label: string }): JSX.Element {
  return (
    <div className="jp-Mlops-State jp-Mlops-State-loading" role="status">
      <span className="jp-Mlops-Spinner" aria-hidden="true" />
      <span>{label}</span>
    </div>
  );
}

export interface IErrorStateProps {
  error: unknown;
  onRetry?: () => void;
  children?: ReactNode;
}

/** Say what went wrong and what to do about it. */
export function ErrorState({
  error,
  onRetry,
  children
}: IErrorStateProps): JSX.Element {
  const trans = useTrans();
  const kind = error instanceof ApiError ? error.kind : 'refused';
  return (
    <div className="jp-Mlops-State jp-Mlops-State-error" role="alert">
      <p className="jp-Mlops-State-title">
        {kind === 'missing'
          ? trans.__('The server part is missing')
          : kind === 'unreachable'
            ? trans.__('The server does not answer')
            : titleOf(error) || trans.__('That did not work')}
      </p>
      <div className="jp-Mlops-State-body">
        {kind === 'missing' ? (
          <MissingServerPart />
        ) : kind === 'unreachable' ? (
          <p>
            {trans.__(
              'Runs that are under way go on without it. This page tries again by itself.'
            )}
          </p>
        ) : (
          <p>{errorMessage(error)}</p>
        )}
        {children}
        {onRetry && (
          <button
            type="button"
            className="jp-Mlops-Button"
            onClick={() => onRetry()}
          >
            {trans.__('Try again')}
          </button>
        )}
      </div>
    </div>
  );
}

function MissingServerPart(): JSX.Element {
  const trans = useTrans();
  return (
    <>
      <p>
        {trans.__(
          'JupyterLab shows this panel, but its Jupyter server runs without the extension. In the environment of the server, run:'
        )}
      </p>
      <pre className="jp-Mlops-State-command">{INSTALL}</pre>
      <p>{trans.__('Then restart the server.')}</p>
    </>
  );
}

function titleOf(error: unknown): string {
  return error instanceof ApiError ? (error.problem?.title ?? '') : '';
}
