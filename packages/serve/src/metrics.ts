import { memory } from '@tensorflow/tfjs-core';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What `/metrics` tells, in Prometheus' text format. */
export interface Metrics {
  registry: Registry;
  tensors: Gauge;
  resident: Gauge;
  running: Gauge;
  waiting: Gauge;
  tokens: Counter;
  batch: Histogram;
  step: Histogram;
  requests: Counter<'route' | 'status'>;
}

export function makeMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const own = (name: string, help: string) => ({ name: `lowrank_${name}`, help, registers });
  return {
    registry,
    tensors: new Gauge({ ...own('tensors', 'tensors that tfjs holds'), collect: collected(() => memory().numTensors) }),
    resident: new Gauge({
      ...own('resident_bytes', 'resident memory'),
      collect: collected(() => process.memoryUsage().rss),
    }),
    running: new Gauge(own('running', 'sequences in the batch')),
    waiting: new Gauge(own('waiting', 'requests that wait for a place')),
    tokens: new Counter(own('tokens_total', 'tokens written')),
    batch: new Histogram({ ...own('batch_size', 'sequences of a forward pass'), buckets: [1, 2, 4, 8, 16, 32, 64] }),
    step: new Histogram(own('step_seconds', 'time of a forward pass')),
    requests: new Counter({ ...own('requests_total', 'answered requests'), labelNames: ['route', 'status'] }),
  };
}

function collected(value: () => number) {
  return function collect(this: Gauge): void {
    this.set(value());
  };
}
