export { TrainingClient, type ClientOptions, type SubmitOptions } from './client';
export { CallError, JobEndedError, type Violation } from './errors';
export type { JobEvent__Output as JobEvent } from './generated/trainwright/v1/JobEvent';
export type { TrainingJob__Output as TrainingJob } from './generated/trainwright/v1/TrainingJob';
export type { TrainingReport__Output as TrainingReport } from './generated/trainwright/v1/TrainingReport';
export type { TrainingSpec } from './generated/trainwright/v1/TrainingSpec';
