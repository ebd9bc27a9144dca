import { LowrankError } from '@lowrank/core';
import { tensorflow, type Binding } from './tensorflow.js';

/**
 * Lets work for which TensorFlow finds no memory throw `out-of-memory`. Its own error comes before a tensor of tfjs is
 * made, so all tensors stay as they are, and work can go on with what memory there is.
 */
export function guardMemory(): void {
  const backend = tensorflow();
  const native = backend.binding;
  // An addon's properties cannot be replaced; an object that inherits them has its own in their place.
  const binding = Object.create(native) as Binding;
  for (const name of ['createTensor', 'executeOp', 'runSavedModel'] as const) {
    Object.defineProperty(binding, name, { value: guarded(native[name] as (...args: unknown[]) => unknown) });
  }
  backend.binding = binding;
}

function guarded<Args extends unknown[], Result>(work: (...args: Args) => Result): (...args: Args) => Result {
  return (...args) => {
    try {
      return work(...args);
    } catch (error) {
      throw isOutOfMemory(error) ? outOfMemory(error) : error;
    }
  };
}

/** By TensorFlow's status, RESOURCE_EXHAUSTED, or the words of its allocators. */
function isOutOfMemory(error: unknown): error is Error {
  return error instanceof Error && /TF_Status: 8\b|RESOURCE_EXHAUSTED|OOM when allocating/.test(error.message);
}

function outOfMemory(cause: Error): LowrankError {
  return new LowrankError('out-of-memory', {
    given: asked(cause.message),
    rule: 'TensorFlow must find memory for it beside what is there',
    fix: 'take a smaller batch or shorter sequences, a quantised base, or dispose tensors that are no longer used',
    cause,
  });
}

/** E.g. `a float tensor of shape [400000, 400000]`; what TensorFlow wrote where it names no shape. */
function asked(message: string): string {
  const [, sides, type] = /shape\s?\[([\d,]*)\] and type (\w+)/.exec(message) ?? [];
  if (sides === undefined) return message.replace(/\s+/g, ' ');
  return `a ${type} tensor of shape [${sides.split(',').join(', ')}]`;
}
