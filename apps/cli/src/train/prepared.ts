import type { AdapterPlan, ForwardContext, Host } from '@lowrank/core';
import type { BatchSource, Evaluation } from '@lowrank/trainer';
import type { Scalar } from '@tensorflow/tfjs-core';
import type { StartedBackend } from '../inputs/backend.js';

/** A run made ready, whatever its task: model loaded, data as token ids, plan drawn. */
export interface Prepared {
  /** The caller disposes it. */
  model: Host & Disposable;
  /** Where its files are. */
  folder: string;
  backend: StartedBackend;
  plan: AdapterPlan;
  batches: BatchSource<unknown>;
  steps: number;
  /** The most tokens of a sequence. */
  seq: number;
  data: DataSummary;
  /** The mean over a batch's targets, of one of `batches`. */
  loss(batch: unknown, context?: ForwardContext): Scalar;
  /** 1 for each position of a batch that is learned from, else 0. */
  counts?(batch: unknown): ArrayLike<number>;
  /** Over what is held out. */
  evaluate(signal: AbortSignal): Promise<number | Evaluation>;
  /** Continues a prompt, where the model writes. */
  write?(prompt: string, seed: number): AsyncIterable<string>;
  /** The names of the classes, where it tells some apart. */
  classNames?: readonly string[];
}

/** What a run learns from. */
export interface DataSummary {
  /** What a loss is the mean over. */
  unit: 'token' | 'text';
  /** Of the event `plan`. */
  facts: { format: string } & Record<string, unknown>;
  /** How much is learned from, and held out, for people. */
  train: string;
  heldOut: string;
  /** What was cut or left out. */
  notices: string[];
}
