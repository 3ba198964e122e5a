/** The plugin that provides the shared state, in a chunk of its own that no start waits for. */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { DOMAIN } from '../components/translation';
import { IMlopsState, type ISharedState } from '../state/tokens';

class LazyState implements IMlopsState {
  constructor(private readonly _make: () => Promise<ISharedState>) {}

  get now(): ISharedState | null {
    return this._now;
  }

  load(): Promise<ISharedState> {
    this._loading ??= this._make().then(
      shared => (this._now = shared),
      reason => {
        // A chunk that did not arrive is fetched again when it is next needed.
        this._loading = null;
        throw reason;
      }
    );
    return this._loading;
  }

  private _now: ISharedState | null = null;
  private _loading: Promise<ISharedState> | null = null;
}

export const state: JupyterFrontEndPlugin<IMlopsState> = {
  id: 'jupyter-mlops:state',
  description: 'Follows the server, and holds the runs that others show.',
  autoStart: true,
  provides: IMlopsState,
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    translator: ITranslator | null
  ): IMlopsState => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const lazy = new LazyState(async () => {
      await app.restored;
      const { makeSharedState } = await import('../state/shared_state');
      return makeSharedState(app.serviceManager, trans);
    });
    // Runs that go on show in the Running panel without anybody opening ours.
    void app.restored.then(() => lazy.load());
    return lazy;
  }
};
