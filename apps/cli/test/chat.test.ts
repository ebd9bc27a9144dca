import { describe, expect, it, withFolder } from '@lowrank/testing';
import { cp, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { lowrank } from './lowrank.js';

const tiny = join(dirname(createRequire(import.meta.url).resolve('@lowrank/tiny-base/package.json')), 'model');
const chatml =
  "{% for message in messages %}{{ '<' + message['role'] + '>' + message['content'] + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<assistant>' }}{% endif %}";
const wasm = ['--backend', 'wasm', '--max-tokens', '8', '--temperature', '0', '--json'];

describe('lowrank chat', () => {
  it('answers by the template, turn after turn, and forgets what no longer fits', async () => {
    await withFolder(async (folder) => {
      const model = join(folder, 'model');
      await cp(tiny, model, { recursive: true });
      await writeFile(join(model, 'chat_template.jinja'), chatml);
      const long = `Hello ${'very '.repeat(90)}long`;
      const input = `Hello\n\nWho are you?\n${long}\n${long}\n/reset\nHello\n/exit\nnever\n`;
      const { code, events, stderr } = await lowrank(['chat', '--model', model, '--system', 'Be kind.', ...wasm], {
        input,
      });
      expect(code).toBe(0);
      const answers = events.filter(({ type }) => type === 'answer');
      expect(answers.map(({ question }) => question)).toEqual(['Hello', 'Who are you?', long, long, 'Hello']);
      const pieces = events.filter(({ type }) => type === 'text').map(({ piece }) => piece);
      expect(pieces.join('')).toBe(answers.map(({ text }) => text).join(''));
      // What generate says to the text that the template makes of the same turns.
      const said = async (prompt: string) =>
        (await lowrank(['generate', '--model', model, '--prompt', prompt, ...wasm])).events.at(-1)!['text'];
      const first = '<system>Be kind.\n<user>Hello\n<assistant>';
      expect(answers[0]!['text']).toBe(await said(first));
      expect(answers[1]!['text']).toBe(await said(`${first}${answers[0]!['text']}\n<user>Who are you?\n<assistant>`));
      expect(answers[4]!['text']).toBe(answers[0]!['text']);
      expect(answers.map(({ forgotten }) => forgotten > 0)).toEqual([false, false, false, true, false]);
      expect(stderr).toContain('forgotten');
    });
  });

  it('refuses a model without a template before it loads the weights', async () => {
    const { code, events } = await lowrank(['chat', '--model', 'tiny', ...wasm]);
    expect([code, events]).toMatchObject([1, [{ type: 'error', code: 'model-unsupported' }]]);
  });
});

describe('lowrank bench', () => {
  it('measures steps of a model', async () => {
    const args = ['bench', '--model', 'tiny', '--steps', '3', '--batch', '2', '--sequence', '16', '--backend', 'wasm'];
    const [result] = (await lowrank([...args, '--json'])).events;
    expect(result).toMatchObject({
      type: 'result',
      batch: 2,
      sequence: 16,
      rank: 8,
      steps: 3,
      backend: { name: 'wasm' },
    });
    const { msPerStep, fastest, slowest, tokensPerSecond, peakBytes } = result!;
    expect(fastest <= msPerStep && msPerStep <= slowest).toBe(true);
    expect(tokensPerSecond).toBeCloseTo(32_000 / msPerStep, 6);
    expect(peakBytes).toBeGreaterThan(4 * 3_475_712);
  });
});
