export { webgpu, type WebgpuOptions } from './webgpu.js';
export type { LimitName, LimitOptions } from './limits.js';
