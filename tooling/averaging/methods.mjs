import { averageAdapters } from '@lowrank/combine';

/**
 * How the adapters of a round become one: `average` makes `(adapters, start) -> adapter` for a run, with `counts` of workers.
 * Without it there are no rounds: each step is over as many batches as there are workers.
 */
export const methods = {
  'A frozen, no rounds': { loraFa: true, counts: [1, 2, 4, 8] },
  'frozen-a': { loraFa: true, counts: [1, 2, 4, 8], average: () => averaged('frozen-a') },
  'no rounds': { counts: [1] },
  product: { counts: [1, 2, 4, 8], average: () => averaged('product') },
  'A and B apart': { counts: [2, 4, 8], average: () => apart },
  'frozen-a, outer step 0.7, momentum 0.9': {
    ...{ loraFa: true, counts: [8] },
    average: () => nesterov({ rate: 0.7, momentum: 0.9 }),
  },
  'frozen-a, outer step 1, momentum 0.5': {
    ...{ loraFa: true, counts: [8] },
    average: () => nesterov({ rate: 1, momentum: 0.5 }),
  },
};

const averaged = (method) => (adapters) => averageAdapters(adapters, { method }).adapter;

/** The mean of A and the mean of B, whose product is not the mean of the products: what lowrank does not offer. */
export function apart(adapters) {
  return changed(adapters[0], (name, at) => mean(adapters.map(({ tensors }) => tensors.get(name).data[at])));
}

/**
 * The mean as one step of an outer optimiser on B: `Δ = start - mean; m = momentum m + Δ; start - rate (momentum m + Δ)`.
 *
 * @see Douillard et al. 2023, https://arxiv.org/abs/2311.08105, algorithm 1
 */
export function nesterov({ rate, momentum }) {
  const velocity = new Map();
  return (adapters, start) => {
    const average = averaged('frozen-a')(adapters);
    return changed(average, (name, at) => {
      const { data } = average.tensors.get(name);
      if (name.includes('lora_A')) return data[at];
      const from = start?.tensors.get(name).data[at] ?? 0;
      if (!velocity.has(name)) velocity.set(name, new Float64Array(data.length));
      const own = velocity.get(name);
      const step = from - data[at];
      own[at] = momentum * own[at] + step;
      return from - rate * (momentum * own[at] + step);
    });
  };
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** An adapter with other values, each told by its tensor's name and place. */
function changed({ config, tensors }, valueAt) {
  const made = Array.from(tensors, ([name, { shape, data }]) => [
    name,
    { shape, data: data.map((_, at) => valueAt(name, at)) },
  ]);
  return { config, tensors: new Map(made) };
}
