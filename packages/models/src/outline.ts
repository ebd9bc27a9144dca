// `@lowrank/models/outline`: models as plain data. It needs no TensorFlow.js, and starts at once.
export { outlineOf, type OutlineOptions } from './outline-of.js';
export { presetNames, presetOutline } from './presets.js';
export { isModelId } from './fetch/model-id.js';
