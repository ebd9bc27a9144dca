/** A number's bits as a float32, in the form of a whole number: how it goes among a job's arguments. */
export function floatBits(value: number): number {
  return new Int32Array(Float32Array.of(value).buffer)[0] as number;
}
