import { readPeft } from '@lowrank/formats';
import { describe, expect, it, withFolder } from '@lowrank/testing';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lowrank, type Ran } from './lowrank.js';
import { mails, mailsAsCsv, mailsAsLines } from './mails.js';
import { writeTinyBert } from './tiny-bert.js';

// The same bits are asked for of several processes.
const wasm = ['--backend', 'wasm'];
const settings = '--rank 4 --batch 4 --sequence 24 --learning-rate 0.01 --dropout 0.05 --json'.split(' ');
const json = async (...path: string[]) => JSON.parse(await readFile(join(...path), 'utf8'));
const of = (type: string, { events }: Ran) => events.filter((event) => event['type'] === type);

interface Place {
  folder: string;
  /** A BERT without pooler and head. */
  bert: string;
  data: string;
}

function withMails(use: (place: Place) => Promise<void>): Promise<void> {
  return withFolder(async (folder) => {
    const texts = mails.map(({ text }) => text);
    const [bert, data] = [await writeTinyBert(join(folder, 'bert'), texts), join(folder, 'mails.csv')];
    await writeFile(data, mailsAsCsv());
    await use({ folder, bert, data });
  });
}

const train = ({ bert, data }: Place, out: string, ...more: string[]) => [
  ...['train', '--model', bert, '--data', data, '--out', out, '--steps', '40', ...settings, ...wasm],
  ...more,
];

describe('lowrank on labelled texts', () => {
  it(
    'trains a classifier, names what it infers, and tells accuracy and macro F1',
    () =>
      withMails(async (place) => {
        const out = join(place.folder, 'out');
        const ran = await lowrank(train(place, out, '--holdout', '0.2'));
        expect([ran.code, ran.stderr]).toEqual([0, expect.stringMatching(/^notice: .* to classify; --format text/)]);
        expect(of('plan', ran)).toMatchObject([
          // As many of each class are held out, though the file has one after the other.
          { format: 'labelled', classNames: ['ham', 'spam'], trainTexts: 16, heldOutTexts: 4, notices: [] },
        ]);
        const held = of('eval-end', ran);
        expect(held[0]).toMatchObject({ step: 0, accuracy: 0.5 });
        const { accuracy, macroF1 } = held.at(-1)!;
        expect(accuracy).toBeGreaterThan(0.5);
        const losses = of('step-end', ran).map(({ loss }) => loss as number);
        expect(Math.max(...losses.slice(-4))).toBeLessThan(0.8 * Math.min(...losses.slice(0, 4)));
        expect(ran.events.at(-1)).toMatchObject({ type: 'result', accuracyBefore: 0.5, accuracy, macroF1 });
        expect(ran.stderr).toMatch(/step 40: held-out loss 0\.\d+, accuracy \d+\.00 %, macro F1 \d+\.\d\d %\n/);
        expect(ran.stderr).toMatch(/held-out loss .* nats a text/);

        expect(await json(out, 'classes.json')).toMatchObject({ id2label: { 0: 'ham', 1: 'spam' } });
        const { config, tensors } = await readPeft(out);
        expect([config.taskType, config.modulesToSave]).toEqual([
          'SEQ_CLS',
          ['classifier', 'score', 'bert.pooler.dense'],
        ]);
        const saved = [...tensors]
          .filter(([name]) => !name.includes('lora_'))
          .map(([name, { shape }]) => [name, shape]);
        expect(Object.fromEntries(saved)).toEqual({
          'classifier.weight': [2, 32],
          'classifier.bias': [2],
          'bert.pooler.dense.weight': [32, 32],
          'bert.pooler.dense.bias': [32],
        });
      }),
    60_000,
  );

  it(
    'goes on after Ctrl-C with the same bytes, and on another seed of the head to others',
    () =>
      withMails(async (place) => {
        const [whole, parts, other] = ['whole', 'parts', 'other'].map((name) => join(place.folder, name));
        expect((await lowrank(train(place, whole!, '--seed', '5'))).code).toBe(0);
        const stopped = await lowrank(train(place, parts!, '--seed', '5', '--checkpoint-every', '1'), {
          onLine: (line, child) => void (line.includes('"type":"step-end","step":7,') && child.kill('SIGINT')),
        });
        expect(stopped.code).toBe(130);
        const resumed = await lowrank(['train', '--resume', '--out', parts!, '--json']);
        expect([resumed.code, of('step-end', resumed)[0]!['step']]).toEqual([0, stopped.events.at(-1)!['step'] + 1]);
        const weights = (out: string) => readFile(join(out, 'adapter_model.safetensors'));
        expect(await weights(parts!)).toEqual(await weights(whole!));
        expect((await lowrank(train(place, other!, '--seed', '6'))).code).toBe(0);
        expect(await weights(other!)).not.toEqual(await weights(whole!));
      }),
    120_000,
  );

  it(
    'measures an adapter as its run did, packed too, and the base that it names is found',
    () =>
      withMails(async (place) => {
        const out = join(place.folder, 'out');
        const ran = await lowrank(train(place, out, '--eval-data', place.data, '--quantise', 'int8'));
        expect(ran.code).toBe(0);
        const measure = ['eval', '--data', place.data, '--batch', '4', '--sequence', '24', ...wasm, '--json'];
        const { events } = await lowrank([...measure, '--adapter', out, '--quantise', 'int8']);
        const { loss, accuracy, macroF1 } = of('eval-end', ran).at(-1)!;
        expect(events).toEqual([
          expect.objectContaining({ type: 'result', loss, accuracy, macroF1, texts: 20, classNames: ['ham', 'spam'] }),
        ]);
        expect(accuracy).toBeGreaterThan(0.8);
        const merged = (await lowrank([...measure, '--adapter', out, '--quantise', 'int8', '--merge'])).events[0]!;
        expect(merged['loss']).toBeCloseTo(loss, 5);
        const dense = (await lowrank([...measure, '--adapter', out, '--model', place.bert])).events[0]!;
        expect(Math.abs(dense['loss'] - loss)).toBeGreaterThan(1e-6);
        const people = await lowrank(['eval', '--data', place.data, '--adapter', out, ...wasm]);
        expect(people.stdout).toMatch(
          /^accuracy \d+\.\d\d %, macro F1 \d+\.\d\d %, loss 0\.\d{4} nats a text, over 20 texts$/m,
        );
      }),
    60_000,
  );

  it(
    'classifies texts and lines of stdin, for people and machines',
    () =>
      withMails(async (place) => {
        const out = join(place.folder, 'out');
        expect((await lowrank(train(place, out, '--steps', '60'))).code).toBe(0);
        const texts = [mails[0]!.text, mails.at(-1)!.text, 'Hello '.repeat(80)];
        const classify = ['classify', '--adapter', out, '--sequence', '24', ...wasm];
        const given = await lowrank([...classify, '--json', ...texts]);
        expect(given.events.map(({ type, text, class: name, cut }) => [type, text, name, cut])).toEqual([
          ['class', texts[0], 'spam', false],
          ['class', texts[1], 'ham', false],
          ['class', texts[2], expect.stringMatching(/ham|spam/), true],
        ]);
        for (const { probabilities, class: name } of given.events) {
          expect(Object.keys(probabilities)).toEqual(['ham', 'spam']);
          expect(probabilities.ham + probabilities.spam).toBeCloseTo(1, 6);
          expect(probabilities[name]).toBeGreaterThanOrEqual(0.5);
        }
        const piped = await lowrank([...classify, '--json'], { input: `${texts.slice(0, 2).join('\r\n')}\r\n` });
        expect(piped.events).toEqual(given.events.slice(0, 2));
        const people = await lowrank([...classify, ...texts.slice(0, 1)]);
        const percent = (100 * given.events[0]!['probabilities'].spam).toFixed(2);
        expect(people.stdout).toMatch(`spam ${percent} %, ham ${(100 - Number(percent)).toFixed(2)} %  ${texts[0]}\n`);
      }),
    60_000,
  );

  it(
    'takes JSON Lines and columns of other names, and the same lines as plain text on request',
    () =>
      withMails(async (place) => {
        const [lines, renamed] = ['mails.jsonl', 'renamed.csv'].map((name) => join(place.folder, name)) as [
          string,
          string,
        ];
        await writeFile(lines, mailsAsLines());
        await writeFile(renamed, mailsAsCsv().replace('text,label', 'body,kind'));
        const columns = ['--text-column', 'body', '--label-column', 'kind'];
        const runs = await Promise.all([
          lowrank(train({ ...place, data: lines }, join(place.folder, 'a'), '--steps', '2')),
          lowrank(train({ ...place, data: renamed }, join(place.folder, 'b'), '--steps', '2', ...columns)),
        ]);
        expect(runs.map(({ code }) => code)).toEqual([0, 0]);
        expect(runs[1]!.events.at(-1)!['heldOutAfter']).toBe(runs[0]!.events.at(-1)!['heldOutAfter']);
        const measured = await lowrank([
          'eval',
          '--adapter',
          join(place.folder, 'b'),
          '--data',
          renamed,
          ...columns,
          '--json',
        ]);
        expect(measured.events[0]).toMatchObject({ format: 'labelled', texts: 20 });
        const plain = await lowrank([
          'eval',
          '--model',
          'tiny',
          '--data',
          lines,
          '--format',
          'text',
          ...wasm,
          '--json',
        ]);
        expect([plain.stderr, plain.events[0]]).toEqual(['', expect.objectContaining({ format: 'text' })]);
      }),
    60_000,
  );

  it(
    'merges into a classifier that needs no adapter',
    () =>
      withMails(async (place) => {
        const [out, merged] = ['out', 'merged'].map((name) => join(place.folder, name)) as [string, string];
        expect((await lowrank(train(place, out))).code).toBe(0);
        const merge = await lowrank(['merge', '--adapter', out, '--out', merged, ...wasm, '--json']);
        expect([merge.code, merge.events[0]!['largestLogitDifference'] < 1e-4]).toEqual([0, true]);
        expect(await json(merged, 'config.json')).toMatchObject({
          architectures: ['BertForSequenceClassification'],
          id2label: { 0: 'ham', 1: 'spam' },
        });
        const shares = async (...from: string[]) =>
          (await lowrank(['classify', ...from, mails[3]!.text, ...wasm, '--json'])).events[0]!['probabilities'];
        const [apart, together] = [await shares('--adapter', out), await shares('--model', merged)];
        expect(together.spam).toBeCloseTo(apart.spam, 5);
      }),
    60_000,
  );

  it(
    'keeps the head and the names of a classifier that has its own',
    () =>
      withMails(async (place) => {
        const out = join(place.folder, 'out');
        const texts = mails.map(({ text }) => text);
        const labelled = await writeTinyBert(join(place.folder, 'own'), texts, { classNames: ['spam', 'ham'] });
        const ran = await lowrank(train({ ...place, bert: labelled }, out));
        expect([ran.code, of('plan', ran)[0]!['classNames']]).toEqual([0, ['spam', 'ham']]);
        expect(await json(out, 'classes.json')).toMatchObject({ id2label: { 0: 'spam', 1: 'ham' } });
        expect((await readPeft(out)).config.modulesToSave).toEqual(['classifier', 'score']);
        const bare = await lowrank(['classify', '--model', labelled, 'the patch works', ...wasm, '--json']);
        expect(Object.keys(bare.events[0]!['probabilities'])).toEqual(['spam', 'ham']);
      }),
    60_000,
  );
});
