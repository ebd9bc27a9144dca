import { describe, expect, it, withFolder } from '@lowrank/testing';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { lowrank, quick } from './lowrank.js';

const tiny = join(dirname(createRequire(import.meta.url).resolve('@lowrank/tiny-base/package.json')), 'model');
const lines = (objects: object[]) => objects.map((object) => JSON.stringify(object)).join('\n');
const completions = Array.from({ length: 20 }, (_, index) => ({
  prompt: `The captain of ship ${index % 5} said:`,
  completion: index === 3 ? ` ${'Aye '.repeat(60)}` : ' Aye, aye!',
}));
const chats = completions.map(({ prompt, completion }) => ({
  messages: [
    { role: 'user', content: prompt },
    { role: 'assistant', content: completion },
  ],
}));

/** The embedded model with a chat template. */
async function chatModel(folder: string): Promise<string> {
  const model = join(folder, 'model');
  await cp(tiny, model, { recursive: true });
  const template =
    '{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}';
  await writeFile(join(model, 'chat_template.jinja'), template);
  return model;
}

const train = (data: string, out: string, ...more: string[]) => [
  ...['train', ...quick, '--data', data, '--out', out, '--steps', '6', '--learning-rate', '0.02', '--json'],
  ...more,
];

describe('lowrank train and eval', () => {
  it('learn completions only, and tell what was cut', async () => {
    await withFolder(async (folder) => {
      const data = join(folder, 'data.jsonl');
      await writeFile(data, lines(completions));
      const out = join(folder, 'out');
      const ran = await lowrank(train(data, out));
      expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining('of 18 completions')]);
      expect(ran.events.find(({ type }) => type === 'plan')).toMatchObject({
        format: 'completion',
        trainExamples: 18,
        heldOutExamples: 2,
        notices: [`of 20 examples 1 are longer than 32 tokens and lose their ends (${data}:4)`],
      });
      const { heldOutBefore, heldOutAfter } = ran.events.at(-1)!;
      expect(heldOutAfter).toBeLessThan(0.8 * heldOutBefore);

      const held = join(folder, 'held.jsonl');
      await writeFile(held, lines(completions.slice(-2)));
      const measure = ['eval', '--model', 'tiny', '--adapter', out, '--data', held, '--batch', '2', '--sequence', '32'];
      const measured = await lowrank([...measure, '--backend', 'wasm', '--json']);
      expect(measured.events[0]).toMatchObject({ loss: heldOutAfter, format: 'completion', examples: 2 });
      // Either completion is the same: its own tokens and the end of the text.
      expect(measured.events[0]!['tokens'] % 2).toBe(0);
      expect(measured.events[0]!['tokens']).toBeLessThan(20);
    });
  }, 120_000);

  it('put examples into shared windows on request, and keep the choice for --resume', async () => {
    await withFolder(async (folder) => {
      const data = join(folder, 'data.jsonl');
      await writeFile(data, lines(completions));
      const out = join(folder, 'out');
      const [apart, packed] = [
        await lowrank(train(data, `${out}-apart`, '--sequence', '128')),
        await lowrank(train(data, out, '--sequence', '128', '--pack')),
      ];
      const epochs = ({ events }: typeof apart) => events.findLast(({ type }) => type === 'step-end')!['epoch'];
      // 18 examples are nine batches of two; with four or more to a window, they are at most three.
      expect(epochs(apart)).toBeCloseTo(6 / 9, 10);
      expect(epochs(packed)).toBeGreaterThanOrEqual(6 / 3);
      expect(JSON.parse(await readFile(join(out, 'run', 'options.json'), 'utf8'))).toMatchObject({ pack: true });
    });
  }, 120_000);

  it("learn conversations by the model's chat template, which it must have", async () => {
    await withFolder(async (folder) => {
      const [data, out] = [join(folder, 'data.jsonl'), join(folder, 'out')];
      await writeFile(data, lines(chats));
      const refused = await lowrank(train(data, out));
      expect([refused.code, refused.events.at(-1)]).toMatchObject([
        1,
        { code: 'model-unsupported', fix: expect.stringContaining('chat_template.jinja') },
      ]);
      const ran = await lowrank(train(data, out, '--model', await chatModel(folder)));
      expect(ran.code).toBe(0);
      expect(ran.events.find(({ type }) => type === 'plan')).toMatchObject({ format: 'chat', trainExamples: 18 });
    });
  }, 120_000);

  it('take the format that is asked for, and refuse lines that are not of it by file and line', async () => {
    await withFolder(async (folder) => {
      const data = join(folder, 'data.jsonl');
      await writeFile(data, lines([{ ...chats[0], text: 'The whale swam.' }, { text: 'The ship sank.' }]));
      const measure = ['eval', '--model', 'tiny', '--data', data, '--backend', 'wasm', '--json'];
      expect((await lowrank([...measure, '--format', 'text'])).events[0]).toMatchObject({ format: 'text', windows: 1 });
      const { code, stderr } = await lowrank(measure);
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(/data\.jsonl:2[\s\S]*no "messages"[\s\S]*"role": "user"/),
      ]);
    });
  }, 60_000);
});
