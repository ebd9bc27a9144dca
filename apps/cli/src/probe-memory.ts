import { useBackend } from '@lowrank/core';
import { kernelMemory } from './doctor/kernel-memory.js';
import { measureMemory } from './doctor/measure-memory.js';
import { measuredModels } from './doctor/measured-models.js';
import type { MeasuredModelName } from './doctor/measured-model-names.js';
import { backends } from './inputs/backend.js';
import type { BackendName } from './inputs/backend-names.js';

// A process of its own for each backend and model whose memory `lowrank doctor` measures, for memory that one has freed
// would serve the next: it tells its parent the samples, and ends.
const [name, model, folder] = process.argv.slice(2) as [BackendName, MeasuredModelName, string];
await useBackend(await backends[name]());
process.send!(await measureMemory(measuredModels[model], kernelMemory[name], folder), () => process.exit());
