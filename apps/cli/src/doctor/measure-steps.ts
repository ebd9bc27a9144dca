import { fitSpeed, type KernelMemory, type Speed, type SpeedSample } from '@lowrank/efficiency';
import { measuredModels } from './measured-models.js';
import { MeasuredSubject } from './measured-subject.js';

/** Rounds over all batches: how fast a machine is drifts from one second to the next. */
const rounds = 3;

/** Seconds, warm-up included, after which the first round is the last, and nothing of a later one is begun. */
const patience = 12;

/** Seconds of a model's first round after which none of its larger batches is measured at all. */
const patienceForModel = 2.5;

const warmUp = 0.8;

/**
 * How fast the active backend trains: real steps of small models on batches of several shapes, and what they say of each
 * kind of work. Takes some ten seconds, longer only where single steps do.
 *
 * @param linear floating-point operations a second of frozen linears, which the steps alone do not tell from bytes
 */
export async function measureSteps(kernels: KernelMemory, linear: number): Promise<Speed> {
  const subjects: MeasuredSubject[] = [];
  const samples: SpeedSample[] = [];
  const end = performance.now() + 1000 * patience;
  try {
    for (const measured of Object.values(measuredModels)) {
      const subject = await MeasuredSubject.open(measured, kernels);
      subjects.push(subject);
      await subject.warmUp(warmUp);
      samples.push(...(await subject.round(performance.now() + 1000 * patienceForModel)));
    }
    for (let round = 1; round < rounds; round++)
      for (const subject of subjects) if (performance.now() < end) samples.push(...(await subject.round(end)));
    return fitSpeed(samples, { linear });
  } finally {
    for (const subject of subjects) subject.dispose();
  }
}
