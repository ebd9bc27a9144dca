import type { LoraConfig } from '../config/lora-config.js';
import type { ModuleInfo } from './module-info.js';
import { isSaved } from './saved-modules.js';

const heads: Record<string, string[]> = {
  QUESTION_ANS: ['qa_outputs'],
  SEQ_CLS: ['classifier', 'score'],
  TOKEN_CLS: ['classifier', 'score'],
};

/**
 * The config with the heads that PEFT saves along for its task, and what else was made up for it, such as a pooler that
 * the base lacks: another reader would make up another.
 */
export function withTaskHeads(config: LoraConfig, modules: ModuleInfo[]): LoraConfig {
  const heads = headsOf(config);
  const named = [...config.modulesToSave, ...heads];
  const fresh = modules.filter((module) => heads.length > 0 && module.fresh && !isSaved(named, module.path));
  return { ...config, modulesToSave: [...new Set([...named, ...fresh.map(({ path }) => path)])] };
}

/** The names that a head may have; a model has one of them. */
export function headsOf({ taskType }: LoraConfig): string[] {
  return (taskType !== null && Object.hasOwn(heads, taskType) && heads[taskType]) || [];
}
