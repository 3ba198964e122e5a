/** Opens links that MLflow's clients print, in this window: their address is one of the kernel's machine. */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';

import { IMlopsState } from '../state/tokens';

export const mlflowLinks: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlops:mlflow-links',
  description: 'Opens links to runs that MLflow prints in notebooks.',
  autoStart: true,
  requires: [IMlopsState],
  activate: (app: JupyterFrontEnd, state: IMlopsState) => {
    const follow = async (link: string): Promise<void> => {
      const [shared, { followMlflowLink }] = await Promise.all([
        state.load(),
        import('../runs/mlflow_link')
      ]);
      await followMlflowLink(link, shared.api, app.commands);
    };
    document.addEventListener('click', event => {
      const { target } = event;
      const anchor = target instanceof Element ? target.closest('a') : null;
      // With a key held, a link is for another tab or window.
      if (
        // An SVG has links of another kind.
        anchor instanceof HTMLAnchorElement &&
        anchor.hash.startsWith('#/experiments/') &&
        anchor.pathname.endsWith('/mlops/') &&
        !(event.altKey || event.ctrlKey || event.metaKey || event.shiftKey)
      ) {
        event.preventDefault();
        void follow(anchor.href);
      }
    });
  }
};
