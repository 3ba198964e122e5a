/** The icons of the extension; everything else is JupyterLab's own. */
import { LabIcon } from '@jupyterlab/ui-components';

/** A running graph with its last point: what the extension does, in the size of a tab. */
const TRACK = `<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 24 24">
  <g class="jp-icon3" fill="#616161">
    <path d="M3 3h2v16h16v2H3z"/>
    <path d="M7.3 16.7 6 15.3l4.6-5.2 3.6 3 3.9-5 1.6 1.2-5.2 6.7-3.7-3z"/>
    <circle cx="19" cy="5.6" r="2.6"/>
  </g>
</svg>`;

/** The icon of the panel, and of everything that starts a tracked run. */
export const mlopsIcon = new LabIcon({
  name: 'jupyter-mlops:track',
  svgstr: TRACK
});
