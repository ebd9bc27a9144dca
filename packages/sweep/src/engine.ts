/** A trial, up to a step. */
export interface Job {
  /** Of its config and steps: the same is the same job, however often it is submitted. */
  readonly id: string;
  /** Options of `lowrank train` as a config file has them; plain JSON. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Train up to this many steps; a later job of the same trial goes on from its checkpoint. */
  readonly steps: number;
  /** Folder, relative to the sweep's, that holds the trial's run: checkpoints, events, adapter. */
  readonly folder: string;
}

/** Where a job stands. */
export type JobState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';

/** What a job came to. */
export interface JobResult {
  readonly id: string;
  /** Held-out loss at `step`, in nats a token or text. */
  readonly loss: number;
  readonly step: number;
  /** Of training, evaluation aside. */
  readonly seconds: number;
  /** Processes that it took, those that died among them. */
  readonly attempts: number;
}

/** What runs jobs: processes of this machine, or a queue that many machines take from. */
export interface Engine {
  /** A job that is there already is not run again, unless it failed or was cancelled. */
  submit(job: Job): Promise<void>;
  status(id: string): Promise<JobState>;
  /** What its processes wrote, as lines. */
  logs(id: string): Promise<string>;
  cancel(id: string): Promise<void>;
  /** Resolves when the job is done; rejects with a LowrankError where it failed or was cancelled. */
  result(id: string): Promise<JobResult>;
  /** Ends what runs, so that it is kept, and frees all else. */
  close(): Promise<void>;
}
