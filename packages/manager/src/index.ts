export { LoraManager, type AddOptions } from './lora-manager.js';
export type { AdapterStatus, ManagerStatus } from './status.js';
