export { fetchModel, type FetchedModel, type FetchOptions } from './fetch/fetch-model.js';
export type { FetchProgress } from './fetch/fetch-files.js';
export { loadModel } from './load-model.js';
export { loadEncoder } from './load-encoder.js';
export { loadClassifier, type LoadClassifierOptions } from './load-classifier.js';
export type { LoadOptions } from './load-options.js';
export type { Quantise } from './packing.js';
export { openModelWeights, type ModelWeights } from './open-model-weights.js';
export * from './outline.js';
export { readModules, readOutline } from './read-modules.js';
export { saveModel, type SaveModelOptions } from './save-model.js';
export type { ModelFolder } from './folder/model-folder.js';
export { randomFolder } from './folder/random-folder.js';
export { ggufFolder } from './gguf/gguf-folder.js';

export { causalLoss } from './causal-loss.js';
export type { CausalConfig, CausalModel } from './causal-model.js';

export type { EncoderConfig, EncoderInput, EncoderModel } from './encoder-model.js';
export { classificationLoss, classLogits } from './classification-loss.js';
export { ownClassNames } from './own-class-names.js';
export { encodeClassNames, readClassNames, writeClassNames } from './class-names-file.js';
export { meanPool } from './mean-pool.js';

export {
  chatTemplate,
  loadChatTemplate,
  type ChatTemplate,
  type RenderedChat,
  type RenderOptions,
  type TemplateMessage,
} from './chat-template.js';
export { loadTokenizer, type Tokenizer } from './tokenizer.js';
export type { EncodedSequence, EncodeSequenceOptions } from './tokenize/encode-sequence.js';
export { generate, promptIds, type GenerateOptions } from './generate.js';
export { nextLogits } from './next-logits.js';
export { TextStream } from './text-stream.js';
export { sample, type SampleOptions } from './sample.js';
export { KvCache } from './parts/kv-cache.js';
