/** What stands in place of a view that could not be loaded or drawn. */
import { Component, type ReactNode } from 'react';

import { ErrorState } from './states';

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
      <ErrorState error={failure.reason} onRetry={this.props.onRetry} />
    ) : (
      this.props.children
    );
  }
}
