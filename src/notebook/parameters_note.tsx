/** What is to be said of a notebook whose parameters cell declares nothing for the form. */
import { useTrans } from '../components/translation';
import type { RunFormStore } from './run_form_store';

export interface INoteActions {
  /** Add the cell, or go to the one that is there. */
  addParametersCell: () => void;
}

export interface IParametersNoteProps {
  store: RunFormStore;
  actions: INoteActions;
}

export function ParametersNote({
  store,
  actions
}: IParametersNoteProps): JSX.Element | null {
  const trans = useTrans();
  const { inspection: form, clonedRun, specs } = store;
  if (!form || specs.length > 0) {
    return null;
  }
  if (clonedRun) {
    return (
      <p className="jp-Mlops-Note">
        {trans.__('The run was given no parameters.')}
      </p>
    );
  }
  return (
    <div className="jp-Mlops-Note">
      <p>{textOf(form.has_parameters_cell, form.reads_parameters)}</p>
      <button
        type="button"
        className="jp-Mlops-Link"
        onClick={() => actions.addParametersCell()}
      >
        {form.has_parameters_cell
          ? trans.__('Go to the parameters cell')
          : trans.__('Add a parameters cell')}
      </button>
    </div>
  );

  function textOf(hasCell: boolean, isRead: boolean): string {
    if (!hasCell) {
      return trans.__(
        'This notebook has no parameters cell. It runs as it is; values that you give it here are set before its first cell.'
      );
    }
    return isRead
      ? trans.__('The parameters cell of this notebook is empty.')
      : trans.__('What you give here is set after the parameters cell.');
  }
}
