import { flopsOf } from './flops.mjs';
import { median, spread } from './statistics.mjs';

/** Absolute difference in nats that losses of the same weights may have: float32 sums in another order. */
const tolerances = { first: 1e-4, last: 5e-3 };

/** Raw samples as what is printed: see the README for each field. */
export function resultOf({ samples, absent }, { shape, name, runs, machine }) {
  const flops = flopsOf(shape);
  const results = samples.map((sample) => figuresOf(sample, shape, flops));
  return {
    type: 'bench-step',
    version: 1,
    machine,
    shape: { name, ...shape },
    flops,
    runs,
    results,
    absent: absent.map(({ name, kind, backend, threads, quantise, variant, because }) => ({
      ...{ name, kind, backend, threads, quantise, variant, because },
    })),
    ratios: ratiosOf(results),
    agreement: agreementOf(results),
  };
}

function figuresOf(sample, shape, flops) {
  const { kind, backend, quantise, variant, threads: asked } = sample.contender.task;
  const step = spread(sample.step);
  const tokens = shape.batch * shape.seq;
  const paired = (of) => median(of.map((ms, round) => ms / sample.frozen[round])) - 1;
  return {
    ...{ name: sample.contender.name, kind, backend, quantise, variant, threads: asked, realThreads: sample.threads },
    runtime: sample.runtime,
    losses: sample.losses,
    step: { ms: step, tokensPerSecond: (1000 * tokens) / step.median, gflops: flops.step / step.median / 1e6 },
    forward: {
      frozen: spread(sample.frozen),
      unmerged: spread(sample.unmerged),
      merged: spread(sample.merged),
      gflops: flops.forward / median(sample.frozen) / 1e6,
    },
    overhead: { unmerged: paired(sample.unmerged), merged: paired(sample.merged) },
    memory: sample.memory,
    ...(sample.profile ? { profile: sample.profile } : {}),
  };
}

/** How many times as long as `to` a lowrank step takes, for each pair of one thread count and a dense base. */
function ratiosOf(results) {
  return results
    .filter(({ kind }) => kind === 'lowrank')
    .flatMap((ours) =>
      results
        .filter((other) => beside(ours, other))
        .map((other) => ({
          of: ours.name,
          to: other.name,
          step: ours.step.ms.median / other.step.ms.median,
          forward: ours.forward.frozen.median / other.forward.frozen.median,
          stepPeak: ours.memory.stepPeak && other.memory.stepPeak ? ours.memory.stepPeak / other.memory.stepPeak : null,
        })),
    );
}

/** DoRA is held against LoRA. Stock tfjs has one thread where it has no more; PyTorch is compared at the same number. */
function beside(ours, other) {
  if (other.kind === 'lowrank') {
    const alike = ['backend', 'threads', 'quantise'].every((key) => ours[key] === other[key]);
    return alike && ours.variant === 'dora' && other.variant === 'lora';
  }
  if (other.kind === 'stock')
    return other.backend === ours.backend && (other.threads === ours.threads || other.backend === 'wasm');
  return other.kind === 'peft' && (other.threads === ours.threads || ours.backend === 'webgpu');
}

/** Whether all compute the same: the same weights and batch give the same losses, at first and after some updates. */
function agreementOf(results) {
  const dense = results.filter(({ quantise, variant }) => quantise === null && variant === 'lora');
  const range = (at) => {
    const losses = dense.map(({ losses }) => losses.at(at));
    return losses.length < 2 ? 0 : Math.max(...losses) - Math.min(...losses);
  };
  const [first, last] = [range(0), range(-1)];
  const finite = results.every(({ losses }) => losses.every(Number.isFinite));
  return {
    compared: dense.map(({ name }) => name),
    ...{ first, last, tolerances },
    agrees: finite && first <= tolerances.first && last <= tolerances.last,
  };
}
