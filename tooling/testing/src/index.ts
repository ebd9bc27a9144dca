export { describe, expect } from 'vitest';
export { it, type BackendTest } from './it.js';
export { expectClose, type Tolerance } from './to-be-close.js';
export { finiteDifferences } from './finite-differences.js';
export { tensorsFor, type Tensors } from './tensors.js';
export { backends } from './backends.js';
export { cpu } from './cpu.js';
export { checkOp, type OpCheck } from './check-op.js';
export { matMul64, mapped } from './float64.js';
