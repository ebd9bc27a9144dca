import { describe, expect, it } from '@lowrank/testing';
import { LowrankError, randomFloats } from '@lowrank/core';
import { encodeSafetensors } from '@lowrank/formats';
import { fileName, open } from '../../test/safetensors-file.js';

const intact = encodeSafetensors(
  new Map([
    ['layer.0.weight', { shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
    ['layer.0.bias', { shape: [2], data: Float32Array.of(7, 8) }],
  ]),
  { metadata: { format: 'pt' }, dtype: 'BF16' },
);

/** Reads all of a damaged file: an error to judge, or undefined when the damage left it valid. */
async function errorOfReading(bytes: Uint8Array): Promise<unknown> {
  try {
    const file = await open(bytes);
    const tensors = await file.readAll();
    for (const { shape, data } of tensors.values()) expect(data.length).toBe(shape.reduce((a, b) => a * b, 1));
    return undefined;
  } catch (error) {
    return error;
  }
}

async function expectCalm(bytes: Uint8Array, damage: string): Promise<boolean> {
  const error = await errorOfReading(bytes);
  if (error === undefined) return false;
  if (!LowrankError.is(error)) throw new Error(damage, { cause: error });
  expect(error.message, damage).toContain(fileName);
  return true;
}

describe('a damaged safetensors file', () => {
  it('of any shorter length is refused by a LowrankError that names it', async () => {
    for (let length = 0; length < intact.length; length++) {
      expect(await expectCalm(intact.subarray(0, length), `cut to ${length}`), `cut to ${length}`).toBe(true);
    }
  });

  it('with one to four bytes changed anywhere is read whole, or refused by a LowrankError that names it', async () => {
    const draws = randomFloats(600 * 9, { distribution: 'uniform', seed: 20 }).map((value) => (value + 1) / 2);
    let next = 0;
    const below = (limit: number) => Math.floor((draws[next++] as number) * limit);
    let refused = 0;
    for (let round = 0; round < 600; round++) {
      const bytes = Uint8Array.from(intact);
      const places = Array.from({ length: 1 + below(4) }, () => below(bytes.length));
      for (const place of places) bytes[place] = below(256);
      if (await expectCalm(bytes, `round ${round}: bytes at ${places.join(', ')} changed`)) refused++;
    }
    // Most places lie in the header, where few changes leave it valid.
    expect(refused).toBeGreaterThan(300);
  });

  it('with single bits of its header flipped is read whole, or refused by a LowrankError that names it', async () => {
    for (let place = 0; place < 8 * 60; place++) {
      const bytes = Uint8Array.from(intact);
      bytes[place >> 3] = (bytes[place >> 3] as number) ^ (1 << (place & 7));
      await expectCalm(bytes, `bit ${place}`);
    }
  });
});
