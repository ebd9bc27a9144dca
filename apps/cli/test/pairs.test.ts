import { describe, expect, it, withFolder } from '@lowrank/testing';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { golden } from './golden.js';
import { lowrank } from './lowrank.js';
import { writeTinyBert } from './tiny-bert.js';

const model = golden('bert-pairs');
const rows = JSON.parse(await readFile(join(model, 'expected.json'), 'utf8')) as {
  text: string;
  text_pair: string | null;
  logits: number[];
}[];
const wasm = ['--backend', 'wasm', '--json'];

function softmax(logits: number[]): number[] {
  const powers = logits.map(Math.exp);
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

function expectShares(event: Record<string, unknown> | undefined, logits: number[]): void {
  const shares = Object.values(event!['probabilities'] as Record<string, number>);
  softmax(logits).forEach((share, at) => expect(shares[at]).toBeCloseTo(share, 6));
}

describe('pairs of texts', () => {
  it("are classified with transformers' probabilities, by option and line by line", async () => {
    const { text, text_pair: pair, logits } = rows[0]!;
    const one = await lowrank(['classify', '--model', model, text, '--pair', pair!, ...wasm]);
    expect(one.events).toMatchObject([{ text, pair }]);
    expectShares(one.events[0], logits);
    const input = rows
      .map((row) => (row.text_pair === null ? row.text : JSON.stringify({ text: row.text, text_pair: row.text_pair })))
      .join('\n');
    const all = await lowrank(['classify', '--model', model, ...wasm], { input });
    expect(all.events).toHaveLength(rows.length);
    all.events.forEach((event, at) => expectShares(event, rows[at]!.logits));
    const blank = await lowrank(['classify', '--model', model, text, '--pair', ' ', ...wasm]);
    expect([blank.code, blank.stderr]).toEqual([1, expect.stringMatching(/the pair of text 1.*it is blank/s)]);
  });

  it(
    'train and measure a classifier by a column that the data have, or that is named',
    () =>
      withFolder(async (folder) => {
        // Only the second text tells the class.
        const words = [
          ['yes', 'true so it is'],
          ['no', 'false not at all'],
        ];
        const lines = Array.from({ length: 20 }, (_, at) => ['the ship is old', ...words[at % 2]!.toReversed()]);
        const csv = (pair: string) => [`text,${pair},label`, ...lines.map((line) => line.join(','))].join('\n');
        const [usual, own, out] = ['usual.csv', 'own.csv', 'out'].map((name) => join(folder, name)) as [
          string,
          string,
          string,
        ];
        await writeFile(usual, csv('text_pair'));
        await writeFile(own, csv('claim'));
        const bert = await writeTinyBert(join(folder, 'bert'), [csv('text_pair')]);
        const settings = '--rank 4 --steps 20 --batch 4 --sequence 24 --learning-rate 0.02 --holdout 0.2'.split(' ');
        const ran = await lowrank(['train', '--model', bert, '--data', usual, '--out', out, ...settings, ...wasm]);
        expect([ran.code, ran.events.find(({ type }) => type === 'plan')]).toMatchObject([0, { pairs: true }]);
        expect(ran.events.at(-1)).toMatchObject({ type: 'result', accuracy: 1 });
        const measure = (...data: string[]) => lowrank(['eval', '--adapter', out, '--data', ...data, ...wasm]);
        expect((await measure(own, '--pair-column', 'claim')).events[0]).toMatchObject({ accuracy: 1, texts: 20 });
        // Without the second text all are the same.
        expect((await measure(own)).events[0]).toMatchObject({ accuracy: 0.5 });
      }),
    60_000,
  );
});
