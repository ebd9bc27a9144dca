import { LowrankError, nearest, type Checkpoint, type ForwardContext, type Parameter } from '@lowrank/core';
import type { Scalar } from '@tensorflow/tfjs-core';
import type { ClassScores } from './class-scores.js';
import type { BatchSource } from './data/batch-source.js';
import type { RankAllocator } from './optim/rank-allocator.js';
import { settingRules, type TrainSettings } from './settings.js';

export interface TrainOptions<Batch> {
  /** What is trained, e.g. `manager.parameters('poet')`. */
  parameters: Parameter[];
  /** The mean loss over the batch's targets, differentiable in the parameters; runs inside a `tidy`. */
  loss: (batch: Batch, context: ForwardContext) => Scalar;
  batches: BatchSource<Batch>;
  /** Optimiser updates in the whole run. */
  steps: number;
  /** Micro-batches an update. Default 1. */
  accumulate?: number | undefined;
  /** The peak. Default 1e-3. */
  learningRate?: number | undefined;
  /** Default 5 % of the steps. */
  warmupSteps?: number | undefined;
  /** Where the cosine ends, as a share of the peak. Default 0. */
  finalLearningRate?: number | undefined;
  /** Decoupled, on A and B alike. Default 0.01, as PyTorch. */
  weightDecay?: number | undefined;
  /** Default 0.9. */
  beta1?: number | undefined;
  /** Default 0.999. */
  beta2?: number | undefined;
  /** Default 1e-8. */
  epsilon?: number | undefined;
  /** Largest global L2 norm of the gradients; 0 is off. Default 1. */
  clipNorm?: number | undefined;
  /**
   * LoRA+: B, and what has one axis, at this multiple of the learning rate; above 1 biases do not decay. Default 1, off.
   */
  loraPlusRatio?: number | undefined;
  /** The peak for factors of embeddings. Default 1e-6 with LoRA+, as PEFT, else `learningRate`. */
  embeddingLearningRate?: number | undefined;
  /** LoRA-FA: A of a linear stays as it started, and B's gradient is made up for that. Default false. */
  loraFa?: boolean | undefined;
  /** Takes rank away from modules meanwhile, such as `adaptiveRanks` of `@lowrank/rank`. */
  allocator?: RankAllocator | undefined;
  /** Decides the dropout masks. Default 0. */
  seed?: number | undefined;
  /** Run before step 1, each `every` steps and at the end: `evaluateLoss`, or `evaluateClasses`. */
  evaluate?: { every: number; loss: () => Promise<number | Evaluation> } | undefined;
  /** Written each `every` steps, on abort and at the end. */
  checkpoint?: { every: number; write: (checkpoint: Checkpoint) => Promise<void> } | undefined;
  /** Goes on where this checkpoint of the same run stands. */
  resume?: Checkpoint | undefined;
  /** Aborting it finishes the step under way, writes a checkpoint and ends the run. */
  signal?: AbortSignal | undefined;
}

/** A loss with what else was scored. */
export type Evaluation = { loss: number } & ClassScores;

const known = {
  ...settingRules,
  parameters: 0,
  loss: 0,
  batches: 0,
  evaluate: 0,
  checkpoint: 0,
  resume: 0,
  allocator: 0,
  signal: 0,
} satisfies Record<keyof TrainOptions<unknown>, unknown>;

/** Checks options at the door and fills in the defaults of those that decide a run. Throws `config-invalid`. */
export function trainSettings<Batch>(options: TrainOptions<Batch>): TrainSettings {
  for (const key of Object.keys(options)) if (!(key in known)) throw unknownOption(key);
  const { steps, evaluate, checkpoint, batches } = options;
  const { learningRate = 1e-3, loraPlusRatio = 1 } = options;
  const settings: TrainSettings = {
    steps,
    accumulate: options.accumulate ?? 1,
    learningRate,
    warmupSteps: options.warmupSteps ?? Math.round(steps * 0.05),
    finalLearningRate: options.finalLearningRate ?? 0,
    weightDecay: options.weightDecay ?? 0.01,
    beta1: options.beta1 ?? 0.9,
    beta2: options.beta2 ?? 0.999,
    epsilon: options.epsilon ?? 1e-8,
    clipNorm: options.clipNorm ?? 1,
    loraPlusRatio,
    embeddingLearningRate: options.embeddingLearningRate ?? (loraPlusRatio > 1 ? 1e-6 : learningRate),
    loraFa: options.loraFa ?? false,
    seed: options.seed ?? 0,
  };
  for (const [key, { holds, rule }] of Object.entries(settingRules)) {
    const value = settings[key as keyof TrainSettings];
    if (!holds(value, settings)) throw invalid(`${key}: ${value}`, rule);
  }
  const counts = {
    'evaluate.every': evaluate?.every ?? 1,
    'checkpoint.every': checkpoint?.every ?? 1,
    'batches.batchesPerEpoch': batches.batchesPerEpoch,
  };
  for (const [key, value] of Object.entries(counts)) {
    if (!settingRules.steps.holds(value)) throw invalid(`${key}: ${value}`, 'it is a whole number of 1 or more');
  }
  checkParameters(options.parameters);
  return settings;
}

function checkParameters(parameters: Parameter[]): void {
  if (parameters.length === 0) throw invalid('parameters: []', 'there must be something to train');
  const names = new Set<string>();
  for (const { name } of parameters) {
    if (names.has(name)) throw invalid(`parameters: "${name}" twice`, 'gradients and moments are kept by name');
    names.add(name);
  }
}

function unknownOption(key: string): LowrankError {
  return new LowrankError('config-invalid', {
    given: `"${key}" in the training options`,
    rule: 'it is not an option',
    fix: `nearest here: ${nearest(key, Object.keys(known)).join(', ')}`,
  });
}

function invalid(given: string, rule: string): LowrankError {
  return new LowrankError('config-invalid', { given, rule, fix: 'give a value that fits' });
}
