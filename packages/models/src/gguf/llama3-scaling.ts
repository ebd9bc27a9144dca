/** llama3's scaling in the words of a `config.json`. */
export interface Llama3Scaling {
  [key: string]: string | number;
  rope_type: 'llama3';
  factor: number;
  low_freq_factor: number;
  high_freq_factor: number;
  original_max_position_embeddings: number;
}

/**
 * The settings of llama3's scaling that give these factors, by which each of `headDim / 2` frequencies is divided; or
 * undefined where none do. Between the waves that stay and those that are stretched whole, `1 / factor` falls linearly
 * in the wave's frequency, so two factors there tell where it begins and ends.
 *
 * @see https://github.com/ggml-org/llama.cpp/blob/master/conversion/llama.py, generate_extra_tensors
 */
export function llama3Scaling(factors: Float32Array, theta: number): Llama3Scaling | undefined {
  const factor = Math.max(...factors);
  const turns = Array.from(factors, (_, index) => theta ** (-index / factors.length) / (2 * Math.PI));
  const between = turns.flatMap((turn, index) => {
    const own = factors[index] as number;
    return own > 1 && own < factor ? [{ turn, smooth: (1 / own - 1 / factor) / (1 - 1 / factor) }] : [];
  });
  const [first, last] = [between[0], between.at(-1)];
  const candidates = [settings(factor, 1, 4, 8192)];
  // smooth = (original · turn - low) / (high - low), where only ratios of the three matter: one wave tells one of them.
  if (first) candidates.push(settings(factor, 1, 4, rounded((3 * first.smooth + 1) / first.turn, 0)));
  if (first && last && first !== last) {
    const slope = (first.smooth - last.smooth) / (first.turn - last.turn);
    const low = slope * first.turn - first.smooth;
    candidates.push(settings(factor, 1, rounded(1 + 1 / low, 3), rounded(slope / low, 0)));
  }
  return candidates.find((scaling) =>
    turns.every((turn, index) => near(factorOf(turn, scaling), factors[index] as number)),
  );
}

function settings(factor: number, low: number, high: number, original: number): Llama3Scaling {
  return {
    rope_type: 'llama3',
    factor,
    low_freq_factor: low,
    high_freq_factor: high,
    original_max_position_embeddings: original,
  };
}

function factorOf(turn: number, { factor, ...scaling }: Llama3Scaling): number {
  const { low_freq_factor: low, high_freq_factor: high, original_max_position_embeddings: original } = scaling;
  if (turn * original > high) return 1;
  if (turn * original < low) return factor;
  const smooth = (original * turn - low) / (high - low);
  return 1 / ((1 - smooth) / factor + smooth);
}

const rounded = (value: number, digits: number) => Math.round(value * 10 ** digits) / 10 ** digits;
const near = (value: number, other: number) => Math.abs(value - other) <= 1e-4 * Math.abs(other);
