export { bullmqEngine, type BullmqOptions } from './bullmq/engine.js';
export { bullmqWorker, type BullmqWorkerOptions, type WorkerEvent } from './bullmq/worker.js';
