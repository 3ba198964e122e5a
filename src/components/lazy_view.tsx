/** A panel's content that is neither loaded nor drawn before somebody looks at it. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import {
  type ComponentType,
  createContext,
  lazy,
  Suspense,
  useContext
} from 'react';

import { ErrorBoundary } from './error_boundary';
import { TranslationContext, useTrans } from './translation';

const ShownContext = createContext(true);

/** Whether the view is on screen; work that only feeds the eye stops while it is not. */
export function useIsShown(): boolean {
  return useContext(ShownContext);
}

export interface ILazyViewOptions {
  /** Imports the module of the view and gives its component, with its props bound. */
  load: () => Promise<ComponentType>;
  trans: TranslationBundle;
}

/** Loads its component when it is first shown. */
export class LazyView extends ReactWidget {
  constructor(private readonly _options: ILazyViewOptions) {
    super();
    this.addClass('jp-Mlops-View');
    this._Content = this._begin();
  }

  protected override render(): JSX.Element | null {
    if (!this._wasShown) {
      return null;
    }
    const Content = this._Content;
    return (
      <TranslationContext.Provider value={this._options.trans}>
        <ShownContext.Provider value={this._isShown}>
          <ErrorBoundary
            key={this._attempt}
            onRetry={() => {
              this._attempt += 1;
              this._Content = this._begin();
              this.update();
            }}
          >
            <Suspense fallback={<Waiting />}>
              <Content />
            </Suspense>
          </ErrorBoundary>
        </ShownContext.Provider>
      </TranslationContext.Provider>
    );
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    this._show(this.isVisible);
  }

  protected override onAfterShow(msg: Message): void {
    super.onAfterShow(msg);
    this._show(true);
  }

  protected override onAfterHide(msg: Message): void {
    super.onAfterHide(msg);
    this._show(false);
  }

  /** React keeps a failure to load: another attempt takes another component. */
  private _begin(): ComponentType {
    return lazy(async () => ({ default: await this._options.load() }));
  }

  private _show(isShown: boolean): void {
    this._isShown = isShown;
    this._wasShown ||= isShown;
    this.update();
  }

  private _Content: ComponentType;
  private _attempt = 0;
  private _isShown = false;
  private _wasShown = false;
}

/** Not `LoadingState`: that comes with all other states, which JupyterLab's start shall not wait for. */
function Waiting(): JSX.Element {
  const trans = useTrans();
  return (
    <div className="jp-Mlops-State jp-Mlops-State-loading" role="status">
      {trans.__('Loading…')}
    </div>
  );
}
