export { webgpu, type Webgpu, type WebgpuCapabilities, type WebgpuOptions } from './webgpu.js';
export type { LimitName, LimitOptions } from './limits.js';
