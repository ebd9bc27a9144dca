import { version_core as tfjs } from '@tensorflow/tfjs-core';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { version } from '../version.js';

/** Where a run was started, so that its figures can be read later. */
export interface Environment {
  /** ISO 8601. */
  started: string;
  lowrank: string;
  tfjs: string;
  node: string;
  platform: string;
  processor: string;
  cores: number;
  /** Bytes. */
  memory: number;
  arguments: string[];
}

export function environment(): Environment {
  return {
    started: new Date().toISOString(),
    lowrank: version,
    tfjs,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memory: totalmem(),
    arguments: process.argv.slice(2),
  };
}
