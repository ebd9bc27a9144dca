import { expect, it } from '@lowrank/testing';
import { LowrankError, randomFloats } from '@lowrank/core';
import { parseJsonObject } from '@lowrank/formats';
import { readFile } from 'node:fs/promises';
import { golden } from '../../test/golden.js';
import { readPeftConfig } from './read-config.js';

const file = 'poet/adapter_config.json';

it('a damaged adapter_config.json is read, or refused by a LowrankError that names it', async () => {
  const intact = await readFile(golden('peft-adapter-rslora/adapter_config.json'));
  const draws = randomFloats(3 * 1500, { distribution: 'uniform', seed: 21 }).map((value) => (value + 1) / 2);
  const signs = Array.from('0123456789-+.eE"{}[],: nulltrue\\(*?', (sign) => sign.charCodeAt(0));
  let next = 0;
  const below = (limit: number) => Math.floor((draws[next++] as number) * limit);
  let refused = 0;
  for (let round = 0; round < 1500; round++) {
    const bytes = Uint8Array.from(intact);
    const place = below(bytes.length);
    // Mostly signs that JSON is made of, so that much of it gets past the parser.
    bytes[place] = below(4) === 0 ? below(256) : (signs[below(signs.length)] as number);
    try {
      readPeftConfig(file, parseJsonObject(file, bytes));
    } catch (error) {
      refused++;
      if (!LowrankError.is(error)) throw new Error(`byte ${place} as ${bytes[place]}`, { cause: error });
      expect(error.message, `byte ${place} as ${bytes[place]}`).toContain(file);
    }
  }
  expect(refused).toBeGreaterThan(300);
});
