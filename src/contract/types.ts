/** The nouns of the wire under short names; their shapes come from the generated schema. */
import type { components } from './schema';

type Schemas = components['schemas'];

/** A JSON value whose shape the contract leaves open: a parameter's value. */
export type Json = unknown;

/** The generator makes fields with a default required; a sender may leave them out. */
type Input<T, Required extends keyof T> = Pick<T, Required> & Partial<T>;

type WithParameters<T> = Omit<T, 'parameters'> & {
  parameters?: Record<string, Json>;
};

export type Problem = Schemas['Problem'];
export type RunStatus = Schemas['RunStatus'];
export type Reason = Schemas['Reason'];
export type RunSummary = Schemas['RunSummary'];
export type Run = Schemas['Run'];
export type RunPage = Schemas['RunPage'];
export type Purged = Schemas['Purged'];
export type TrashContents = Schemas['TrashContents'];
export type Progress = Schemas['Progress'];
export type Parameter = Schemas['Parameter'];
export type Tag = Schemas['Tag'];
export type TagChange = Schemas['TagChange'];
export type RunChange = Schemas['RunChange'];
export type NewRun = WithParameters<Input<Schemas['NewRun'], 'notebook'>>;
export type Rerun = WithParameters<Partial<Schemas['Rerun']>>;
export type Experiment = Schemas['Experiment'];
export type ExperimentList = Schemas['ExperimentList'];
export type NewExperiment = Input<Schemas['NewExperiment'], 'name'>;
export type LatestMetric = Schemas['LatestMetric'];
export type History = Schemas['History'];
export type Cell = Schemas['Cell'];
export type CellList = Schemas['CellList'];
export type Environment = Schemas['Environment'];
export type LogPage = Schemas['LogPage'];
export type Artifact = Schemas['Artifact'];
export type ArtifactList = Schemas['ArtifactList'];
export type Event = Schemas['Event'];
export type EventType = Schemas['EventType'];
export type EventPage = Schemas['EventPage'];
export type ServerStatus = Schemas['ServerStatus'];
export type Preferences = Schemas['Preferences'];
export type PreferencesChange = Partial<Schemas['PreferencesChange']>;
export type KernelSpecInfo = Schemas['KernelSpecInfo'];
export type KernelList = Schemas['KernelList'];
export type KernelCheck = Schemas['KernelCheck'];
export type ParameterSpec = Schemas['ParameterSpec'];
export type NotebookInspection = Omit<
  Schemas['NotebookInspection'],
  'last_used'
> & { last_used: Record<string, Json> };

/** A metric value as it travels: a number, or the name of a non-finite one. */
export type WireFloat = LatestMetric['value'];
