// What a round of workers costs on a network, into docs/averaging.md: arithmetic from shapes, nothing measured.
import { table } from '../campaign/src/page.mjs';
import { fill } from './fill.mjs';

const rank = 8;
const workers = 8;

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
const roundSeconds = (bytes, bits) => (2 * workers * bytes * 8) / bits;

function networkTable() {
  const seconds = (value) => `${Number(value.toPrecision(2))} s`;
  const lines = models.map((model) => {
    const { both, b } = adapterBytes(model);
    const cells = networks.map(([, bits]) => {
      const busy = roundSeconds(both, bits);
      return `${seconds(busy)}, ${seconds(19 * busy)}`;
    });
    return [model.name, `${(both / 1e6).toFixed(1)} MB`, `${(b / 1e6).toFixed(1)} MB`, ...cells];
  });
  return table(['model', 'A and B', 'B alone', ...networks.map(([name]) => name)], lines);
}

await fill('networks', networkTable());
