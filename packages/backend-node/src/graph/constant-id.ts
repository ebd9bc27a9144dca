import { tensorflow } from '../tensorflow.js';

const ids = new Map<string, number>();

/** More than one call takes, so that none loses what it was just given. */
const most = 1024;

/**
 * TensorFlow's id of a float32 scalar or an int32 vector. The ones used last are kept, for a step asks for the same
 * shapes again and again; they are never to be deleted.
 */
export function constantId(value: number | readonly number[]): number {
  const key = typeof value === 'number' ? `${value}` : `[${value.join()}]`;
  const { binding } = tensorflow();
  const id = ids.get(key) ?? made(value);
  ids.delete(key);
  ids.set(key, id);
  if (ids.size > most) {
    const [oldest] = ids;
    const [oldKey, oldId] = oldest as [string, number];
    ids.delete(oldKey);
    binding.deleteTensor(oldId);
  }
  return id;
}

function made(value: number | readonly number[]): number {
  const { binding } = tensorflow();
  if (typeof value === 'number') return binding.createTensor([], binding.TF_FLOAT, Float32Array.of(value));
  return binding.createTensor([value.length], binding.TF_INT32, Int32Array.from(value));
}
