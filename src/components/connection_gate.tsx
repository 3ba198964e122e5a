/** Shows a view while the server can be talked to, and otherwise what is wrong and what to do. */
import type { ReactNode } from 'react';

import { ApiError } from '../contract/errors';
import type { IConnectionStore } from '../state/tokens';
import { ErrorState, LoadingState } from './states';
import { useTrans } from './translation';
import { ClockContext } from './use_now';
import { useStore } from './use_store';

export interface IConnectionGateProps {
  connection: IConnectionStore;
  children: ReactNode;
}

/** Once the server was ready, whatever becomes of it only puts a line above the view. */
export function ConnectionGate({
  connection,
  children
}: IConnectionGateProps): JSX.Element {
  useStore(connection);
  if (!connection.wasUsable) {
    return <Closed connection={connection} />;
  }
  // The view keeps its place beside the line, so that what was typed into it stays.
  return (
    <>
      <Notice connection={connection} />
      <ClockContext.Provider value={connection.clock}>
        {children}
      </ClockContext.Provider>
    </>
  );
}

type IConnectionProps = Pick<IConnectionGateProps, 'connection'>;

/** What stands in place of a view that was never shown. */
function Closed({ connection }: IConnectionProps): JSX.Element {
  const trans = useTrans();
  const { state, status, error } = connection;
  switch (state) {
    case 'connecting':
      return <LoadingState label={trans.__('Connecting…')} />;
    case 'starting':
      return <LoadingState label={trans.__('Opening the store…')} />;
    default:
      return (
        <ErrorState
          error={error ?? new ApiError('refused', status?.message ?? '')}
          onRetry={() => connection.retry()}
        >
          {state === 'signed_out' && <LogIn connection={connection} />}
        </ErrorState>
      );
  }
}

/** The line above a view; none while all is well. */
function Notice({ connection }: IConnectionProps): JSX.Element | null {
  const trans = useTrans();
  const { state, status } = connection;
  const tryNow = (
    <button
      type="button"
      className="jp-Mlops-Link"
      onClick={() => connection.retry()}
    >
      {trans.__('Try now')}
    </button>
  );
  switch (state) {
    case 'ready':
      return null;
    case 'read_only':
      return (
        <Banner>
          {status?.message ?? trans.__('The store can only be read.')}
        </Banner>
      );
    case 'connecting':
    case 'starting':
      return <Banner>{trans.__('The server is opening the store…')}</Banner>;
    case 'signed_out':
      return (
        <Banner>
          {trans.__(
            'You are signed out. What you typed here stays while you log in.'
          )}{' '}
          <LogIn connection={connection} /> {tryNow}
        </Banner>
      );
    case 'missing':
      return (
        <Banner>
          {trans.__(
            'The Jupyter server answers without its MLOps part; trying again…'
          )}{' '}
          {tryNow}
        </Banner>
      );
    case 'failed':
      return (
        <Banner>
          {status?.message ?? trans.__('The store does not open.')} {tryNow}
        </Banner>
      );
    case 'offline':
      return (
        <Banner>
          {trans.__('The server does not answer; trying again…')} {tryNow}
        </Banner>
      );
  }
}

/** Any page of the server asks for the login; in a window of its own, so that this page stays. */
function LogIn({ connection }: IConnectionProps): JSX.Element {
  const trans = useTrans();
  return (
    <a
      className="jp-Mlops-Link"
      href={connection.serverUrl}
      target="_blank"
      rel="noopener noreferrer"
    >
      {trans.__('Log in again')}
    </a>
  );
}

function Banner({ children }: { children: ReactNode }): JSX.Element {
  return (
    <div className="jp-Mlops-Banner" role="status">
      <span>{children}</span>
    </div>
  );
}
