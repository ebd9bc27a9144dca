import { table } from '../campaign/src/page.mjs';

const rank = 8;
const workers = 8;

/** A round of SmolLM2-135M on two cores: a batch of 1 x 256 by tfjs-node, as docs/benchmarks.md has it. */
const round = { model: 'SmolLM2-135M', steps: 100, stepSeconds: 0.6 };

const models = [
  { name: 'embedded model', hidden: 256, keys: 128, inner: 704, layers: 4 },
  { name: 'SmolLM2-135M', hidden: 576, keys: 192, inner: 1536, layers: 30 },
  { name: 'Llama 3.1 8B', hidden: 4096, keys: 1024, inner: 14336, layers: 32 },
];
const networks = [
  ['100 Mbit/s', 1e8],
  ['1 Gbit/s', 1e9],
  ['10 Gbit/s', 1e10],
];

/** Bytes in float32 of A and B, and of B alone, on all seven linears of each layer. */
function adapterBytes({ hidden, keys, inner, layers }) {
  const sides = [
    ...[hidden, hidden].map((out) => [hidden, out]),
    ...[keys, keys].map((out) => [hidden, out]),
    ...[inner, inner].map((out) => [hidden, out]),
    [inner, hidden],
  ];
  const sum = (of) => 4 * rank * layers * sides.reduce((total, [from, out]) => total + of(from, out), 0);
  return { both: sum((from, out) => from + out), b: sum((_, out) => out) };
}

/** Seconds that the coordinator's link is busy in a round: each worker's adapter comes in, and the average goes out to each. */
const roundSeconds = (bytes, bits, workers) => (2 * workers * bytes * 8) / bits;

/** Seconds of a round's traffic with eight workers, and of training beside which they are a twentieth. */
export function networkTable() {
  const seconds = (value) => `${Number(value.toPrecision(2))} s`;
  const lines = models.map((model) => {
    const { both, b } = adapterBytes(model);
    const cells = networks.map(([, bits]) => {
      const busy = roundSeconds(both, bits, workers);
      return `${seconds(busy)}, ${seconds(19 * busy)}`;
    });
    return [model.name, `${(both / 1e6).toFixed(1)} MB`, `${(b / 1e6).toFixed(1)} MB`, ...cells];
  });
  return table(['model', 'A and B', 'B alone', ...networks.map(([name]) => name)], lines);
}

/** How many times sooner workers are through the tokens of one, whose round needs no network. */
export function speedUpTable() {
  const { both } = adapterBytes(models.find(({ name }) => name === round.model));
  const training = round.steps * round.stepSeconds;
  const lines = [1, 2, 4, 8, 16].map((count) => {
    const cells = networks.map(([, bits]) => {
      const traffic = count === 1 ? 0 : roundSeconds(both, bits, count);
      return ((count * training) / (training + traffic)).toFixed(1);
    });
    return [count, ...cells];
  });
  return table(['workers', ...networks.map(([name]) => name)], lines);
}
