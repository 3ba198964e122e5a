/** The user's settings of the extension, read once and kept up to date. */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { Token } from '@lumino/coreutils';
import { type ISignal, Signal } from '@lumino/signaling';

/** The settings by their names in `schema/plugin.json`. */
export interface IMlopsSettings {
  outputFolder: string;
  timeLimitMinutes: number;
  notifications: 'mine' | 'failures' | 'none';
  firstSteps: boolean;
}

/** The settings as other plugins use them. */
export interface ISettingsStore {
  readonly changed: ISignal<ISettingsStore, void>;
  readonly values: Readonly<IMlopsSettings>;
  set<K extends keyof IMlopsSettings>(
    name: K,
    value: IMlopsSettings[K]
  ): Promise<void>;
}

export const ISettingsStore = new Token<ISettingsStore>(
  'jupyter-mlops:ISettingsStore',
  'The settings of the MLOps panel.'
);

/** What holds until the settings are read, and where there are none. */
export const DEFAULTS: Readonly<IMlopsSettings> = {
  outputFolder: '',
  timeLimitMinutes: 0,
  notifications: 'mine',
  firstSteps: true
};

class SettingsStore implements ISettingsStore {
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get values(): Readonly<IMlopsSettings> {
    return this._values;
  }

  async set<K extends keyof IMlopsSettings>(
    name: K,
    value: IMlopsSettings[K]
  ): Promise<void> {
    this._values = { ...this._values, [name]: value };
    this._changed.emit();
    await this._settings?.set(name, value);
  }

  /** Follow the registry's settings from now on. */
  follow(settings: ISettingRegistry.ISettings): void {
    this._settings = settings;
    const read = (): void => {
      this._values = {
        ...DEFAULTS,
        ...(settings.composite as Partial<IMlopsSettings>)
      };
      this._changed.emit();
    };
    settings.changed.connect(read);
    read();
  }

  private readonly _changed = new Signal<this, void>(this);
  private _values: Readonly<IMlopsSettings> = DEFAULTS;
  private _settings: ISettingRegistry.ISettings | null = null;
}

export const settings: JupyterFrontEndPlugin<ISettingsStore> = {
  id: 'jupyter-mlops:plugin',
  description: 'Loads the settings of the MLOps panel.',
  autoStart: true,
  optional: [ISettingRegistry],
  provides: ISettingsStore,
  activate: (
    _app: JupyterFrontEnd,
    registry: ISettingRegistry | null
  ): ISettingsStore => {
    const store = new SettingsStore();
    registry?.load(settings.id).then(
      loaded => store.follow(loaded),
      // A broken settings file must not take the panel with it: the defaults hold.
      () => undefined
    );
    return store;
  }
};
