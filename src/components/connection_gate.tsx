/** Shows a view while the server can be talked to, and otherwise what is wrong and what to do. */
import type { ReactNode } from 'react';

import { ApiError } from '../contract/errors';
import type { IConnectionStore } from '../state/tokens';
import { ErrorState, LoadingState } from './states';
import { useTrans } from './translation';
import { useStore } from './use_store';

export interface IConnectionGateProps {
  connection: IConnectionStore;
  children: ReactNode;
}

/** Once the server answered, a pause in its answers only puts a line above the view. */
export function ConnectionGate({
  connection,
  children
}: IConnectionGateProps): JSX.Element {
  useStore(connection);
  const trans = useTrans();
  const { state, status, error } = connection;
  const retry = (): void => connection.retry();
  switch (state) {
    case 'connecting':
      return <LoadingState label={trans.__('Connecting…')} />;
    case 'starting':
      return <LoadingState label={trans.__('Opening the store…')} />;
    case 'missing':
      return <ErrorState error={error} onRetry={retry} />;
    case 'failed':
      return (
        <ErrorState
          error={error ?? new ApiError('refused', status?.message ?? '')}
          onRetry={retry}
        />
      );
    case 'offline':
      if (!status) {
        return <ErrorState error={error} onRetry={retry} />;
      }
      return (
        <>
          <Banner>
            {trans.__('The server does not answer; trying again…')}{' '}
            <button type="button" className="jp-Mlops-Link" onClick={retry}>
              {trans.__('Try now')}
            </button>
          </Banner>
          {children}
        </>
      );
    case 'read_only':
      return (
        <>
          <Banner>
            {status?.message ?? trans.__('The store can only be read.')}
          </Banner>
          {children}
        </>
      );
    case 'ready':
      return <>{children}</>;
  }
}

function Banner({ children }: { children: ReactNode }): JSX.Element {
  return (
    <div className="jp-Mlops-Banner" role="status">
      <span>{children}</span>
    </div>
  );
}
