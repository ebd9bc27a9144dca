import type { LoraConfig } from '../config/lora-config.js';

const heads: Record<string, string[]> = {
  QUESTION_ANS: ['qa_outputs'],
  SEQ_CLS: ['classifier', 'score'],
  TOKEN_CLS: ['classifier', 'score'],
};

/** The config with the heads that PEFT saves along for its task: a new head is of no use untrained. */
export function withTaskHeads(config: LoraConfig): LoraConfig {
  const modulesToSave = [...new Set([...config.modulesToSave, ...headsOf(config)])];
  return { ...config, modulesToSave };
}

/** The names that a head may have; a model has one of them. */
export function headsOf({ taskType }: LoraConfig): string[] {
  return (taskType !== null && Object.hasOwn(heads, taskType) && heads[taskType]) || [];
}
