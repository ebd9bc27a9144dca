export { loadModel } from './load-model.js';
export { readModules } from './read-modules.js';
export { saveModel, type SaveModelOptions } from './save-model.js';
export type { ModelFolder } from './folder/model-folder.js';

export { causalLoss } from './causal-loss.js';
export type { CausalConfig, CausalModel } from './causal-model.js';

export { loadTokenizer, type Tokenizer } from './tokenizer.js';
export { generate, type GenerateOptions } from './generate.js';
export { sample, type SampleOptions } from './sample.js';
export { KvCache } from './parts/kv-cache.js';
