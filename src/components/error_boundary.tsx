/** What stands in place of a view that could not be loaded or drawn. */
import { Component, type ReactNode } from 'react';

import { useTrans } from './translation';

export interface IErrorBoundaryProps {
  /** Load and draw anew. */
  onRetry: () => void;
  children: ReactNode;
}

interface IErrorBoundaryState {
  failure: { reason: unknown } | null;
}

/** Shows its children until one of them throws; a new `key` begins again. */
export class ErrorBoundary extends Component<
  IErrorBoundaryProps,
  IErrorBoundaryState
> {
  static getDerivedStateFromError(reason: unknown): IErrorBoundaryState {
    return { failure: { reason } };
  }

  override state: IErrorBoundaryState = { failure: null };

  override render(): ReactNode {
    const { failure } = this.state;
    return failure ? (
      <Failure reason={failure.reason} onRetry={this.props.onRetry} />
    ) : (
      this.props.children
    );
  }
}

/** Made of nothing that would have to be loaded first, since loading is what may have failed. */
function Failure({
  reason,
  onRetry
}: {
  reason: unknown;
  onRetry: () => void;
}): JSX.Element {
  const trans = useTrans();
  return (
    <div className="jp-Mlops-State jp-Mlops-State-error" role="alert">
      <p className="jp-Mlops-State-title">
        {trans.__('This part could not be shown')}
      </p>
      <div className="jp-Mlops-State-body">
        <p>{reason instanceof Error ? reason.message : String(reason)}</p>
        <button type="button" className="jp-Mlops-Button" onClick={onRetry}>
          {trans.__('Try again')}
        </button>
      </div>
    </div>
  );
}
