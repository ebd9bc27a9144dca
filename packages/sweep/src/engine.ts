/** One run of a trial up to some step. */
export interface Job {
  /** Hash of its config: the same config is the same job. */
  readonly id: string;
  /** What the trial runs: options of `lowrank train`, camelCase, as in a config file; plain JSON. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Train up to this many steps; a later job of the same trial goes on from its checkpoint. */
  readonly steps: number;
  /** Folder, relative to the sweep's, that holds the trial's run: checkpoints, events, adapter. */
  readonly folder: string;
}

export type JobState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';

export interface JobResult {
  readonly id: string;
  /** Held-out loss at its end, in nats a target. */
  readonly loss: number;
  readonly step: number;
  /** Time of its steps and evaluations. */
  readonly seconds: number;
  /** How often it was started. */
  readonly attempts: number;
}

/** Where the jobs of a sweep are done. */
export interface Engine {
  /** The same job again is the job that is there; one that failed or was cancelled begins anew. */
  submit(job: Job): Promise<void>;
  status(id: string): Promise<JobState>;
  /** What its process wrote, a line each. */
  logs(id: string): Promise<string>;
  cancel(id: string): Promise<void>;
  /** Resolves when the job is done; rejects with a LowrankError where it failed or was cancelled. */
  result(id: string): Promise<JobResult>;
  close(): Promise<void>;
}
