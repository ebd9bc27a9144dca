import { LowrankError, useBackend } from '@lowrank/core';
import { version_core } from '@tensorflow/tfjs-core';
import type { Speed } from '@lowrank/efficiency';
import { kernelMemory } from './doctor/kernel-memory.js';
import { measureSpeed } from './doctor/measure-speed.js';
import { measureSteps } from './doctor/measure-steps.js';
import type { Because, ProbeResult } from './doctor/probe-result.js';
import { backends } from './inputs/backend.js';
import type { BackendName } from './inputs/backend-names.js';

// A process of its own for each backend that `lowrank doctor` looks at: it tells its parent one result, and ends.
const name = process.argv[2] as BackendName;
process.send!(await probe(), () => process.exit());

async function probe(): Promise<ProbeResult> {
  try {
    const backend = await backends[name]();
    await useBackend(backend);
    const gflops = Number((await measureSpeed()).toPrecision(3));
    const found = backend.capabilities();
    const linear = gflops * 1e9;
    // A stand-in for a card takes minutes for these steps.
    const speed = found.software ? { linear } : finite(await measureSteps(kernelMemory[name], linear));
    return { name, works: true, gflops, speed, version: `tfjs ${version_core}`, ...found };
  } catch (error) {
    return { name, works: false, because: because(error) };
  }
}

/** JSON has no infinity. */
function finite(speed: Speed): Partial<Speed> {
  return Object.fromEntries(
    Object.entries(speed)
      .filter(([, value]) => Number.isFinite(value))
      .map(([kind, value]) => [kind, Number(value.toPrecision(4))]),
  );
}

function because(error: unknown): Because {
  if (LowrankError.is(error)) return { code: error.code, given: error.given, rule: error.rule, fix: error.fix };
  return {
    code: 'unexpected',
    given: `backend "${name}"`,
    rule: error instanceof Error ? error.message : String(error),
    fix: 'please report this',
  };
}
