import type { Parameter } from '@lowrank/core';
import type { TrainEvent } from '@lowrank/trainer';

/** Every event of a run, after running it to its end. */
export async function collect(events: AsyncIterable<TrainEvent>): Promise<TrainEvent[]> {
  const all: TrainEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

/** The events of one type. */
export function only<Type extends TrainEvent['type']>(events: TrainEvent[], type: Type) {
  return events.filter((event): event is Extract<TrainEvent, { type: Type }> => event.type === type);
}

/** The values of parameters by name, copied. */
export function valuesOf(parameters: Parameter[]): Record<string, Float32Array> {
  return Object.fromEntries(parameters.map(({ name, variable }) => [name, Float32Array.from(variable.dataSync())]));
}
