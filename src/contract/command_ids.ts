/** The ids of the commands: features meet through them and never import each other. */

export const CommandIDs = {
  /** Show the panel. */
  openPanel: 'mlops:open-panel',
  /** Show the Run form of a notebook: `{path?}`, the notebook in front by default. */
  runNotebook: 'mlops:run-notebook',
  /** Open the page of a run: `{run_id, section?, name?}`. */
  openRun: 'mlops:open-run',
  /** Open the page of the run that is chosen in the list. */
  openChosenRun: 'mlops:open-chosen-run',
  /** Ask active runs to stop: `{run_ids?}`, the selected ones by default. */
  cancelRuns: 'mlops:cancel-runs',
  /** Repeat a run from its recorded source: `{run_id?}`. */
  rerun: 'mlops:rerun',
  /** Show the Run form filled with a run's parameters: `{run_id?}`. */
  cloneRun: 'mlops:clone-run',
  /** Move ended runs to the trash: `{run_ids?}`. */
  trashRuns: 'mlops:trash-runs',
  /** Take runs out of the trash: `{run_ids?}`. */
  restoreRuns: 'mlops:restore-runs',
  /** Delete runs in the trash for good, after a question: `{run_ids?}`. */
  purgeRuns: 'mlops:purge-runs',
  /** Delete all runs in the trash for good, after a question. */
  emptyTrash: 'mlops:empty-trash',
  /** Copy the id of a run: `{run_id?}`. */
  copyRunId: 'mlops:copy-run-id',
  /** Copy an address that opens a run: `{run_id?, section?}`. */
  copyRunLink: 'mlops:copy-run-link',
  /** Open the notebook that a run was started from: `{run_id?}`. */
  openSource: 'mlops:open-source-notebook',
  /** Read the list of runs again. */
  refreshRuns: 'mlops:refresh-runs',
  /** Show the trash in the list of runs, or the runs again. */
  showTrash: 'mlops:show-trash',
  /** Show the list of runs, of one experiment or as it was: `{experiment_id?}`. */
  showRuns: 'mlops:show-runs',
  /** Put the focus into the search box of the list of runs. */
  searchRuns: 'mlops:search-runs',
  /** Insert a parameters cell into a notebook: `{path?}`. */
  addParametersCell: 'mlops:add-parameters-cell',
  /** Open the run that an address names: what the router calls. */
  followLink: 'mlops:follow-link',
  /** Turn autologging with MLflow on or off, in kernels that start from then on. */
  toggleAutolog: 'mlops:toggle-autolog',
  /** Show or hide the first steps. */
  firstSteps: 'mlops:first-steps'
} as const;
