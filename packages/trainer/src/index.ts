export { train } from './train.js';
export type { Evaluation, TrainOptions } from './options.js';
export type { EvalEnd, StepEnd, TrainEvent } from './events.js';
export { evaluateLoss, type EvaluateOptions } from './evaluate.js';
export { evaluateClasses, type ClassEvaluation, type EvaluateClassesOptions } from './evaluate-classes.js';
export { classScores, type ClassScores } from './class-scores.js';

export type { BatchSource } from './data/batch-source.js';
export { tokenBatches, type TokenBatchesOptions } from './data/token-batches.js';
export { packDocuments, type PackOptions, type TokenWindows } from './data/pack.js';

export { readRecords } from './data/read-records.js';
export {
  parseRecords,
  type ChatRecord,
  type CompletionRecord,
  type DataFormat,
  type DataRecord,
  type RecordOptions,
  type TextRecord,
} from './data/record.js';
export { encodeRecords, type EncodeRecordsOptions } from './data/encode-records.js';
export type { TokenExample } from './data/token-example.js';
export { fitExamples, type FittedExamples } from './data/fit-examples.js';
export { packExamples } from './data/pack-examples.js';
export { lengthBatches } from './data/length-batches.js';
export type { LengthGroupsOptions } from './data/length-groups.js';

export {
  parseLabelledTexts,
  readLabelledTexts,
  type LabelledText,
  type LabelledTextOptions,
} from './data/labelled-text.js';
export { isLabelled } from './data/is-labelled.js';
export { classNamesOf } from './data/class-names.js';
export { encodeLabelledTexts, type LabelledExample } from './data/labelled-example.js';
export { labelledBatches } from './data/labelled-batches.js';

export { stepSeconds, type StepSecondsOptions } from './step-seconds.js';
export { learningRateAt, type Schedule } from './schedule.js';
export { adamw, type AdamWOptions } from './optim/adamw.js';
export { chain } from './optim/chain.js';
export { clip } from './optim/clip.js';
export { LoraFa } from './optim/lora-fa.js';
export { loraPlus, type LoraPlusOptions } from './optim/lora-plus.js';
export type { GradientTransform, Optimizer, Update, UpdateContext } from './optim/optimizer.js';
export type { AllocationStanding, RankAllocator } from './optim/rank-allocator.js';
