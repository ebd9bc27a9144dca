export { LoraManager, type AddOptions } from './lora-manager.js';
export type { Activation } from './activation.js';
export { statusTable } from './status-table.js';
export type { AdapterLoader, LazyLimits } from './lazy-store.js';
export type { MergedModel } from './merged-model.js';
export type { Scale } from './scale.js';
export type { Rows } from './rows.js';
export type { AdapterStatus, LayerAdapterStatus, LayerStatus, ManagerStatus, ParameterCounts } from './status.js';
