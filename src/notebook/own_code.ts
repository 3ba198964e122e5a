/** A first notebook that tracks itself: what "Show me" writes for somebody who wants to try. */
import type { NotebookPanel } from '@jupyterlab/notebook';

const CODE = `import jupyter_mlops as mlops

with mlops.start_run(name="my own code"):
    mlops.log_param("rate", 0.5)
    for step in range(20):
        mlops.log_metric("loss", 0.5**step, step=step)`;

/** Write the example into the first cell of a new notebook and go there; it runs when the user says so. */
export async function writeOwnCode(panel: NotebookPanel): Promise<void> {
  await panel.context.ready;
  await panel.revealed;
  const notebook = panel.content;
  const first = notebook.model?.sharedModel.cells[0];
  if (first && first.source === '') {
    first.setSource(CODE);
  } else {
    notebook.model?.sharedModel.insertCell(0, {
      cell_type: 'code',
      source: CODE
    });
  }
  notebook.activeCellIndex = 0;
  notebook.activate();
}
