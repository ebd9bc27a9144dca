export { train } from './train.js';
export type { TrainOptions } from './options.js';
export type { StepEnd, TrainEvent } from './events.js';
export { evaluateLoss, type EvaluateOptions } from './evaluate.js';

export type { BatchSource } from './data/batch-source.js';
export { tokenBatches, type TokenBatchesOptions } from './data/token-batches.js';
export { packDocuments, type PackOptions, type TokenWindows } from './data/pack.js';
export { readTexts, type SourceText } from './data/read-texts.js';
export { parseJsonl, type JsonlOptions } from './data/jsonl.js';

export { learningRateAt, type Schedule } from './schedule.js';
export { adamw, type AdamWOptions } from './optim/adamw.js';
export { chain } from './optim/chain.js';
export { clip } from './optim/clip.js';
export type { GradientTransform, Optimizer, Update, UpdateContext } from './optim/optimizer.js';
