/** The state of the Run form: one notebook's parameters, what was typed, and what the server said. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { UUID } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import type { IMlopsApi } from '../contract/client';
import { ApiError } from '../contract/errors';
import type { NotebookInspection, ParameterSpec, Run } from '../contract/types';
import { clonedSpecs } from './cloned_specs';
import { forgetSecretRows, type IExtraRow, withBlankRow } from './extra_rows';
import { type FieldValue, readField } from './field_value';
import {
  differs,
  freshDraft,
  freshFields,
  type IFormDraft,
  noDraft,
  readForm,
  renewDraft
} from './form_draft';
import { errorsOfRefusal, FormErrors } from './form_errors';
import {
  type IFormDefaults,
  type IFormOptions,
  type OptionName,
  requestedCopy
} from './form_options';
import { runRequest } from './run_request';
import type { IRenaming, IRunTarget } from './run_target';

export interface IRunFormStoreOptions {
  api: IMlopsApi;
  target: IRunTarget;
  defaults: () => IFormDefaults;
  trans: TranslationBundle;
}

/** A run that was asked for before another notebook came to the front. */
export interface IFailedBehind {
  path: string;
  reason: unknown;
}

/** Reads the form of the target, keeps a draft per notebook, checks and submits. */
export class RunFormStore implements IDisposable {
  constructor(private readonly _options: IRunFormStoreOptions) {
    const { target } = _options;
    target.changed.connect(this._onTarget, this);
    target.saved.connect(this._onSaved, this);
    target.renamed.connect(this._onRenamed, this);
    void this.load();
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The server accepted a run. */
  get submitted(): ISignal<this, Run> {
    return this._submitted;
  }

  /** A run of a notebook that is no longer in front was not started. */
  get failedBehind(): ISignal<this, IFailedBehind> {
    return this._failedBehind;
  }

  /** What the notebook, or the recorded source of the cloned run, says of itself. */
  get inspection(): NotebookInspection | null {
    return this._inspection;
  }

  /** The run that is cloned, once it is read. */
  get clonedRun(): Run | null {
    return this._clonedRun;
  }

  get specs(): readonly ParameterSpec[] {
    return this._draft.specs;
  }

  /** Rows of further parameters; null where the notebook takes no others than its own. */
  get rows(): readonly IExtraRow[] | null {
    return this._draft.rows;
  }

  get isLoading(): boolean {
    return this._isLoading;
  }

  /** Why the notebook could not be read. */
  get loadError(): unknown {
    return this._loadError;
  }

  /** Whether a run of this notebook is being sent. */
  get isSubmitting(): boolean {
    return this._sending.has(this._draft);
  }

  get errors(): FormErrors {
    return this._errors;
  }

  /** The run that was submitted last from this notebook. */
  get lastRun(): Run | null {
    return this._lastRun;
  }

  get options(): IFormOptions {
    return this._draft.options;
  }

  /** Whether the copy goes where the settings put it. */
  get isCopyProposed(): boolean {
    const { options, proposedCopy: proposed } = this._draft;
    return requestedCopy(options.saveTo, proposed).save_to_folder !== null;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  field(key: string): FieldValue {
    return this._secrets[key] ?? this._draft.fields[key] ?? null;
  }

  /** Whether a field says something else than the notebook, or than the cloned run. */
  isChanged(spec: ParameterSpec): boolean {
    return differs(spec, this.field(spec.key), this._options.trans);
  }

  setField(spec: ParameterSpec, value: FieldValue): void {
    const part = spec.secret ? this._secrets : this._draft.fields;
    part[spec.key] = value;
    this._renewKey();
    delete this._errors.parameters[spec.key];
    this._errors.form = null;
    this._changed.emit();
  }

  addRow(): void {
    this._setRows(withBlankRow(this._draft.rows ?? []));
  }

  setRow(row: IExtraRow): void {
    delete this._errors.rows[row.id];
    this._setRows(
      (this._draft.rows ?? []).map(each => (each.id === row.id ? row : each))
    );
  }

  removeRow(id: number): void {
    delete this._errors.rows[id];
    this._setRows((this._draft.rows ?? []).filter(row => row.id !== id));
  }

  /** Check one field when the user leaves it. */
  checkField(spec: ParameterSpec): void {
    const field = this.field(spec.key);
    const meaning = readField(spec, field, this._options.trans);
    // That a value is missing is said on submission, not while tabbing through.
    if (meaning.kind === 'error' && field !== '') {
      this._errors.parameters[spec.key] = meaning.message;
      this._changed.emit();
    }
  }

  setOption<K extends OptionName>(name: K, value: IFormOptions[K]): void {
    this._draft.options = { ...this._draft.options, [name]: value };
    this._renewKey();
    delete this._errors.options[name];
    this._errors.form = null;
    this._changed.emit();
  }

  /** Put back what stands in the notebook, or what the cloned run had. */
  reset(): void {
    this._draft.fields = freshFields(this.specs, {});
    this._secrets = {};
    this._renewKey();
    this._errors = new FormErrors();
    this._changed.emit();
  }

  /** Read the target's form; what was typed for the same notebook stays. */
  async load(): Promise<void> {
    const { path, clonedRun: runId } = this._options.target;
    const turn = ++this._turn;
    const key = runId === null ? keyOf(path) : `run ${runId}`;
    if (key !== this._key) {
      this._key = key;
      this._inspection = null;
      this._clonedRun = null;
      this._draft = noDraft();
      this._secrets = {};
      this._errors = new FormErrors();
      this._lastRun = null;
      this._renewKey();
    }
    this._loadError = null;
    this._isLoading = path !== null || runId !== null;
    this._changed.emit();
    if (!this._isLoading) {
      return;
    }
    try {
      const { api } = this._options;
      const [form, run] =
        runId === null
          ? [await api.inspectNotebook(path ?? ''), null]
          : await Promise.all([api.inspectRunSource(runId), api.run(runId)]);
      if (turn === this._turn && !this._isDisposed) {
        this._take(form, run);
      }
    } catch (reason) {
      if (turn === this._turn) {
        this._loadError = reason;
      }
    }
    if (turn === this._turn && !this._isDisposed) {
      this._isLoading = false;
      this._changed.emit();
    }
  }

  /**
   * Send the run; null when something has to be corrected first, or `settle` says no.
   *
   * It is the run of the form as it stands now, even if another notebook is in front before `settle` or the server
   * answers; the form of that one is left alone.
   */
  async submit(
    settle: () => Promise<boolean> = () => Promise.resolve(true)
  ): Promise<Run | null> {
    if (this.isSubmitting || !this._inspection) {
      return null;
    }
    const draft = this._draft;
    const secrets = this._secrets;
    const key = this._idempotencyKey;
    const { path } = this._inspection;
    const form = readForm(draft, each => this.field(each), this._options.trans);
    if (form instanceof FormErrors) {
      this._errors = form;
      this._changed.emit();
      return null;
    }
    const send = runRequest(this._options, this._clonedRun, draft, form);
    this._errors = new FormErrors();
    this._sending.add(draft);
    this._changed.emit();
    try {
      if (!(await settle())) {
        return null;
      }
      // A notebook that was saved just now runs other code than it did under the same key.
      const run = await send(this._isLoading ? this._renewKey() : key);
      forgetSecretRows(draft.rows ?? [], run);
      if (this._secrets === secrets) {
        this._secrets = {};
      }
      if (this._draft === draft) {
        this._lastRun = run;
        this._renewKey();
      }
      this._submitted.emit(run);
      return run;
    } catch (reason) {
      if (this._draft === draft) {
        this._refused(reason);
      } else {
        this._failedBehind.emit({ path, reason });
      }
      return null;
    } finally {
      this._sending.delete(draft);
      this._changed.emit();
    }
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._secrets = {};
    const { target } = this._options;
    target.changed.disconnect(this._onTarget, this);
    target.saved.disconnect(this._onSaved, this);
    target.renamed.disconnect(this._onRenamed, this);
    Signal.clearData(this);
  }

  private _onTarget(): void {
    void this.load();
  }

  /** The form of a notebook stays its own under the new name. */
  private _onRenamed(_: unknown, { from, to }: IRenaming): void {
    const draft = this._drafts.get(keyOf(from));
    if (draft) {
      this._drafts.delete(keyOf(from));
      this._drafts.set(keyOf(to), draft);
    }
    if (this._key === keyOf(from)) {
      this._key = keyOf(to);
      this._renewKey();
    }
  }

  private _onSaved(): void {
    // A cloned run takes its recorded source, whatever the file says.
    if (this._options.target.clonedRun === null) {
      void this.load();
    }
  }

  private _take(form: NotebookInspection, run: Run | null): void {
    const { defaults, trans } = this._options;
    const specs = run ? clonedSpecs(form, run) : form.parameters;
    if (form.digest !== this._inspection?.digest) {
      this._renewKey();
    }
    this._inspection = form;
    this._clonedRun = run;
    for (const { key } of specs.filter(({ secret }) => !secret)) {
      delete this._secrets[key];
    }
    const known = this._drafts.get(this._key);
    this._draft = known ?? freshDraft(specs, form, run !== null, defaults());
    this._drafts.set(this._key, this._draft);
    if (known) {
      renewDraft(known, specs, form.reads_parameters, trans);
    }
  }

  private _setRows(rows: IExtraRow[]): void {
    this._draft.rows = rows;
    this._renewKey();
    this._errors.form = null;
    this._changed.emit();
  }

  private _refused(reason: unknown): void {
    this._errors = errorsOfRefusal(
      reason,
      this.specs.map(({ key }) => key),
      this.rows ?? []
    );
    // A refused request ran nothing. One that was not answered may have: repeated, it keeps its key.
    if (reason instanceof ApiError && reason.kind === 'refused') {
      this._renewKey();
    }
  }

  /** What is sent next is another request than the one before; the server takes a key for one only. */
  private _renewKey(): string {
    return (this._idempotencyKey = UUID.uuid4());
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _submitted = new Signal<this, Run>(this);
  private readonly _failedBehind = new Signal<this, IFailedBehind>(this);
  private readonly _drafts = new Map<string, IFormDraft>();
  /** Forms of which a run is on its way to the server. */
  private readonly _sending = new Set<IFormDraft>();
  private _key = '';
  private _draft = noDraft();
  /** Apart from the drafts: forgotten with the notebook, and once sent. */
  private _secrets: Record<string, FieldValue> = {};
  private _inspection: NotebookInspection | null = null;
  private _clonedRun: Run | null = null;
  private _errors = new FormErrors();
  private _loadError: unknown = null;
  private _lastRun: Run | null = null;
  private _isLoading = false;
  private _isDisposed = false;
  private _turn = 0;
  private _idempotencyKey: string = UUID.uuid4();
}

/** Under which the draft of a notebook is kept. */
function keyOf(path: string | null): string {
  return `path ${path}`;
}
