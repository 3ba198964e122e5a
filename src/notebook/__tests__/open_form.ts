/** A Run form with its server and the notebook in front, as the test moves it. */
import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';

import {
  InMemoryServer,
  until
} from '../../contract/__tests__/in_memory_server';
import type { NotebookInspection, ParameterSpec } from '../../contract/types';
import { NO_DEFAULTS } from '../form_options';
import { RunFormStore } from '../run_form_store';
import type { IRenaming, IRunTarget } from '../run_target';
import { aForm, aSpec } from './forms';

export function spec(
  key: string,
  value: unknown,
  change: Partial<ParameterSpec> = {}
): ParameterSpec {
  return aSpec({ key, default: value, source: String(value), ...change });
}

export function inspection(
  path: string,
  parameters: ParameterSpec[],
  change: Partial<NotebookInspection> = {}
): NotebookInspection {
  return aForm(parameters, { path, ...change });
}

export const ALPHA = spec('alpha', 0.1);
export const TOKEN = spec('token', null, { type: 'str', secret: true });

class Target {
  readonly changed = new Signal<IRunTarget, void>(this as never);
  readonly saved = new Signal<IRunTarget, void>(this as never);
  readonly renamed = new Signal<IRunTarget, IRenaming>(this as never);
  path: string | null = null;
  clonedRun: string | null = null;
}

export class OpenForm {
  /** What the user's settings propose. */
  defaults = NO_DEFAULTS;
  readonly server = new InMemoryServer();
  readonly target = new Target();
  readonly store = new RunFormStore({
    api: this.server.api,
    target: this.target as unknown as IRunTarget,
    defaults: () => this.defaults,
    trans: nullTranslator.load('jupyter_mlops')
  });

  /** Put a notebook in front, or a run to clone, before its form is read. */
  turnTo(path: string, clonedRun: string | null = null): void {
    this.target.path = path;
    this.target.clonedRun = clonedRun;
    this.target.changed.emit();
  }

  readonly show = async (
    path: string,
    clonedRun: string | null = null
  ): Promise<void> => {
    this.turnTo(path, clonedRun);
    await until(() => !this.store.isLoading);
  };

  /** Save the notebook with these parameters. */
  async save(path: string, ...specs: ParameterSpec[]): Promise<void> {
    this.server.inspections.set(path, inspection(path, specs));
    this.target.saved.emit();
    await until(() => !this.store.isLoading);
  }

  readonly lastBody = (): Record<string, unknown> => {
    const call = this.server.calls
      .filter(({ method }) => method === 'POST')
      .at(-1);
    return (call?.body ?? {}) as Record<string, unknown>;
  };
}
