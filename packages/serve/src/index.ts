export type { ServeFailure } from './failure.js';
export { serve, type RunningServer, type ServeOptions } from './serve.js';
