/** How rotary frequencies are stretched over more positions than a model was pretrained on. */
export type RopeScaling =
  | { type: 'default' }
  | { type: 'linear'; factor: number }
  | { type: 'dynamic'; factor: number; pretrained: number }
  | { type: 'llama3'; factor: number; pretrained: number; lowFactor: number; highFactor: number }
  | YarnScaling;

export interface YarnScaling {
  type: 'yarn';
  factor: number;
  /** Positions of the pretraining. */
  pretrained: number;
  /** What cosines and sines are multiplied by. */
  attentionFactor: number;
  betaFast: number;
  betaSlow: number;
  /** Whether the bounds of the ramp are whole numbers. */
  truncate: boolean;
}

export interface RopeShape {
  headDim: number;
  theta: number;
  scaling: RopeScaling;
}

const { fround } = Math;

/**
 * The frequency of each pair of features, `theta^(-2i / headDim)`, stretched as `scaling` says. Each step is rounded to
 * float32 where transformers rounds it, so that late positions agree too.
 *
 * @param length positions of the sequence so far, which `dynamic` depends on
 * @returns `[headDim / 2]`
 * @see for linear Chen et al. 2023, https://arxiv.org/abs/2306.15595; for yarn Peng et al. 2023, https://arxiv.org/abs/2309.00071;
 *   for llama3 Dubey et al. 2024, https://arxiv.org/abs/2407.21783
 */
export function ropeFrequencies({ headDim, theta, scaling }: RopeShape, length: number): Float32Array {
  switch (scaling.type) {
    case 'default':
      return plain(headDim, theta);
    case 'linear':
      return plain(headDim, theta).map((frequency) => frequency / scaling.factor);
    case 'dynamic':
      return plain(headDim, theta * dynamicStretch(scaling, headDim, length));
    case 'llama3':
      return plain(headDim, theta).map((frequency) => llama3(frequency, scaling));
    case 'yarn':
      return yarn(plain(headDim, theta), theta, scaling);
    default:
      return scaling satisfies never;
  }
}

function plain(headDim: number, theta: number): Float32Array {
  const power = (i: number) => fround(fround(theta) ** fround((2 * i) / headDim));
  return Float32Array.from({ length: headDim / 2 }, (_, i) => 1 / power(i));
}

/** 1 up to the positions of the pretraining, then what keeps the slowest frequency's angle within them. */
function dynamicStretch(
  { factor, pretrained }: { factor: number; pretrained: number },
  headDim: number,
  length: number,
): number {
  const ratio = (factor * Math.max(length, pretrained)) / pretrained - (factor - 1);
  return ratio ** (headDim / (headDim - 2));
}

/** Slow waves are stretched by the factor, fast ones stay, and those between go smoothly from one to the other. */
function llama3(frequency: number, scaling: Extract<RopeScaling, { type: 'llama3' }>): number {
  const { factor, pretrained, lowFactor, highFactor } = scaling;
  const wave = fround(fround(2 * Math.PI) / frequency);
  if (wave < pretrained / highFactor) return frequency;
  if (wave > pretrained / lowFactor) return frequency / factor;
  const smooth = fround(fround(fround(pretrained / wave) - lowFactor) / (highFactor - lowFactor));
  const stretched = fround(fround(fround(1 - smooth) * frequency) / factor);
  return stretched + fround(smooth * frequency);
}

/** The same by a linear ramp over the pairs of features, from those that turn `betaFast` times to `betaSlow`. */
function yarn(frequencies: Float32Array, theta: number, scaling: YarnScaling): Float32Array {
  const headDim = 2 * frequencies.length;
  const { factor, pretrained, betaFast, betaSlow, truncate } = scaling;
  const pairThatTurns = (times: number) =>
    (headDim * Math.log(pretrained / (times * 2 * Math.PI))) / (2 * Math.log(theta));
  const bounds = [pairThatTurns(betaFast), pairThatTurns(betaSlow)] as [number, number];
  const [first, last] = truncate ? [Math.floor(bounds[0]), Math.ceil(bounds[1])] : bounds;
  const low = Math.max(first, 0);
  const high = Math.min(last, headDim - 1);
  const width = low === high ? 0.001 : high - low;
  return frequencies.map((frequency, pair) => {
    const ramp = Math.min(Math.max(fround(fround(pair - low) / width), 0), 1);
    const kept = fround(1 - ramp);
    const stretched = fround(1 / fround(factor * fround(1 / frequency)));
    return fround(stretched * fround(1 - kept)) + fround(frequency * kept);
  });
}
