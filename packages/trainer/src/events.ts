import type { ClassScores } from './class-scores.js';

/** What a run tells while it trains. Losses are in nats a target, `milliseconds` in wall time. */
export type TrainEvent =
  | { type: 'train-start'; step: number; steps: number; trainableParameters: number }
  | StepEnd
  | EvalEnd
  | { type: 'checkpoint-write'; step: number }
  | { type: 'train-end'; step: number; reason: 'done' | 'aborted' };

export interface StepEnd {
  type: 'step-end';
  /** Optimiser updates done, from 1. */
  step: number;
  steps: number;
  /** Passes over the batches so far, with the fraction of the one under way. */
  epoch: number;
  /** The mean over the targets of all the update's micro-batches, before the update. */
  loss: number;
  learningRate: number;
  /** Global L2 norm before clipping. */
  gradientNorm: number;
  /** Targets that counted. */
  targets: number;
  milliseconds: number;
}

/** What is held out was measured; a classifier's scores come with its loss. */
export interface EvalEnd extends Partial<ClassScores> {
  type: 'eval-end';
  /** Optimiser updates done. */
  step: number;
  loss: number;
  milliseconds: number;
}
