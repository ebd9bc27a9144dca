export { wasm, type Wasm, type WasmCapabilities, type WasmOptions } from './wasm.js';
export type { WasmPaths } from './wasm-files.js';
