import { wasm } from '@lowrank/backend-wasm';
import { useBackend } from '@lowrank/core';
import { generate, loadModel, loadTokenizer } from '@lowrank/models';
import { describe, expect, it } from '@lowrank/testing';
import OpenAI from 'openai';
import { tinyFolder, withServer, type Served } from './served.js';

const prompt = 'My';
const clientOf = ({ url }: Served) => new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 });
const greedy = (maxTokens: number) => ({ model: 'base', prompt, temperature: 0, max_tokens: maxTokens });

describe('lowrank serve', () => {
  it('on SIGTERM ends what runs, refuses what comes, and leaves with 0', () =>
    withServer([], async (server) => {
      const client = clientOf(server);
      const stream = await client.completions.create({ ...greedy(240), stream: true });
      const pieces = stream[Symbol.asyncIterator]();
      let text = (await pieces.next()).value!.choices[0]!.text;
      const whole = client.completions.create(greedy(200));
      let running = true;
      const rest = (async () => {
        for (let next = await pieces.next(); !next.done; next = await pieces.next()) {
          text += next.value.choices[0]?.text ?? '';
          if (next.value.choices[0]?.finish_reason) running = false;
        }
      })();
      await waiting(server);
      const ended = server.stop();
      while (!(await isRefused(server)));
      expect(running).toBe(true);
      await rest;
      expect(text).toBe(await textAlone(240));
      expect((await whole).choices[0]).toMatchObject({ text: await textAlone(200), finish_reason: 'length' });
      expect(await ended).toBe(0);
      expect(await isRefused(server)).toBe(true);
    }));

  it('ends a text whose time is up where it is, or fails it where it had not begun', () =>
    withServer(['--time-limit', '1', '--max-batch', '4', '--max-queue', '64'], async (server) => {
      const tensors = await server.metric('lowrank_tensors');
      // Of different lengths, so that some are always under way; more than a second holds.
      const asked = Array.from({ length: 60 }, (_, index) => 180 + index);
      const answers = await Promise.all(asked.map((tokens) => server.post('/v1/completions', greedy(tokens))));
      const bodies = await Promise.all(answers.map(async (one) => (await one.json()) as Body));
      const failed = bodies.filter((_, index) => answers[index]!.status !== 200);
      for (const { error } of failed) expect(error!.code).toBe('timeout');
      expect([200, 503]).toEqual(expect.arrayContaining(answers.map(({ status }) => status)));
      const text = await textAlone(240);
      const cut = bodies.filter(({ usage }, index) => usage && usage.completion_tokens < asked[index]!);
      // How many had begun when their time was up is the machine's to say.
      expect(cut.length + failed.length).toBeGreaterThan(0);
      for (const { choices } of cut) {
        expect(choices![0]!.finish_reason).toBe('length');
        expect(text.startsWith(choices![0]!.text)).toBe(true);
      }
      const after = await clientOf(server).completions.create(greedy(5));
      expect(after.usage!.completion_tokens).toBe(5);
      // The last answer is out before its cache is freed.
      await expect.poll(() => server.metric('lowrank_tensors'), { timeout: 10_000 }).toBe(tensors);
    }));
});

interface Body {
  error?: { code: string };
  choices?: { text: string; finish_reason: string }[];
  usage?: { completion_tokens: number };
}

/** Resolves once two texts are being written. */
async function waiting(server: Served): Promise<void> {
  while ((await server.metric('lowrank_running')) < 2);
}

/** Whether a new request is answered 503, or finds nobody that listens. */
async function isRefused(server: Served): Promise<boolean> {
  try {
    const { status } = await server.post('/v1/completions', greedy(1));
    expect([200, 503]).toContain(status);
    return status === 503;
  } catch (error) {
    if (error instanceof TypeError) return true;
    throw error;
  }
}

/** What `generate` writes to the prompt. */
async function textAlone(maxNewTokens: number): Promise<string> {
  await useBackend(wasm());
  using model = await loadModel(tinyFolder);
  const tokenizer = await loadTokenizer(tinyFolder);
  let text = '';
  for await (const piece of generate(model, tokenizer, { prompt, temperature: 0, maxNewTokens })) text += piece;
  return text;
}
