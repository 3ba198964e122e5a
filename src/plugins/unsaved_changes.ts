/** The offer to save a notebook before it runs: a run takes the file, not what is on the screen. */
import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IRunTarget } from './tokens';

/** Ask what to do with unsaved changes; false when the user thinks again. */
export async function settleChanges(
  target: IRunTarget,
  trans: TranslationBundle
): Promise<boolean> {
  const { panel } = target;
  if (!panel || !target.isDirty || target.clonedRun !== null) {
    return true;
  }
  const save = trans.__('Save and Run');
  const { button } = await showDialog({
    title: trans.__('Save the notebook first?'),
    body: trans.__(
      '%1 has unsaved changes. A run uses the notebook as it was saved last.',
      panel.title.label
    ),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.createButton({ label: trans.__('Run the Saved Version') }),
      Dialog.okButton({ label: save })
    ]
  });
  if (!button.accept) {
    return button.label === trans.__('Run the Saved Version');
  }
  if (button.label === save) {
    await panel.context.save();
    return !target.isDirty;
  }
  return true;
}
