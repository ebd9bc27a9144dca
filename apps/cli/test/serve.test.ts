import { wasm } from '@lowrank/backend-wasm';
import { useBackend } from '@lowrank/core';
import { LoraManager } from '@lowrank/manager';
import { generate, loadModel, loadTokenizer } from '@lowrank/models';
import { describe, expect, it, withFolder } from '@lowrank/testing';
import { cp, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import OpenAI from 'openai';
import { tinyFolder, withServer, writeAdapters, type Served } from './served.js';

const names = ['poet', 'clerk', 'cook', 'judge'];
const prompts = ['The people of the United States', 'My', 'It was a fine morning, and she', 'Peace'];

/** By adapter, what it writes to each prompt. */
type Alone = Map<string, string[]>;

const clientOf = ({ url }: Served) => new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 });

/** A folder of adapters, what each and the base write alone, and a server of them. */
const withAdapters = (body: (server: Served, alone: Alone, folder: string) => Promise<void>) =>
  withFolder(async (folder) => {
    await useBackend(wasm());
    using model = await loadModel(tinyFolder);
    const tokenizer = await loadTokenizer(tinyFolder);
    const adapters = await writeAdapters(model, folder, names);
    const alone = new Map<string, string[]>();
    for (const name of ['base', ...names]) {
      using manager = new LoraManager(model);
      if (name !== 'base') manager.add(name, adapters.get(name)!);
      const texts: string[] = [];
      for (const prompt of prompts) {
        let text = '';
        for await (const piece of generate(model, tokenizer, { prompt, temperature: 0, maxNewTokens: 12 }))
          text += piece;
        texts.push(text);
      }
      alone.set(name, texts);
    }
    expect(new Set([...alone.values()].flat()).size).toBe(20);
    await withServer(['--adapters', folder, '--max-batch', '16'], (server) => body(server, alone, folder));
  });

const greedy = (model: string, prompt: string) => ({ model, prompt, temperature: 0, max_tokens: 12 });

describe('lowrank serve', () => {
  it('writes for each adapter what it writes alone; streams; unloads and loads adapters under way', () =>
    withAdapters(async (server, alone, folder) => {
      await mixesAdaptersAndLengths(server, alone);
      await streamsAndStops(server, alone);
      await unloadsAndLoads(server, alone, folder);
    }));

  it('refuses what does not fit, and what it has no room for', () =>
    withServer(['--max-batch', '1', '--max-queue', '2'], async (server) => {
      const status = async (body: unknown, headers?: Record<string, string>) =>
        (await server.post('/v1/completions', body, headers)).status;
      const request = { model: 'base', prompt: 'My', max_tokens: 2 };
      expect(await status('{')).toBe(400);
      expect(await status({ ...request, n: 2 })).toBe(400);
      expect(await status({ ...request, max_tokens: 5000 })).toBe(400);
      expect(await status({ ...request, model: '../poet' })).toBe(404);
      expect(await status({ ...request, prompt: 'x'.repeat(2 ** 21) })).toBe(413);
      expect(await status(request, { 'content-type': 'text/plain' })).toBe(415);
      const long = { ...request, max_tokens: 120 };
      const all = await Promise.all(Array.from({ length: 24 }, () => server.post('/v1/completions', long)));
      const refused = all.filter((one) => one.status === 429);
      expect(refused.length).toBeGreaterThan(0);
      expect(refused[0]!.headers.get('retry-after')).toBe('1');
      expect(all.filter((one) => one.status === 200).length).toBe(24 - refused.length);
      expect(await server.stop()).toBe(0);
    }));

  it('asks for its key, and goes on when a client goes away', () =>
    withServer(['--api-key', 'secret'], async ({ url, stop }) => {
      const wrong = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'wrong', maxRetries: 0 });
      await expect(wrong.models.list()).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' });
      const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'secret', maxRetries: 0 });
      const left = await client.completions.create({ model: 'base', prompt: 'My', max_tokens: 100, stream: true });
      for await (const _ of left) break;
      const after = await client.completions.create({ model: 'base', prompt: 'My', max_tokens: 3 });
      expect(after.usage!.total_tokens).toBeGreaterThan(3);
      expect(await stop()).toBe(0);
    }));
});

async function mixesAdaptersAndLengths(server: Served, alone: Alone) {
  const client = clientOf(server);
  const listed = await client.models.list();
  expect(listed.data.map(({ id }) => id)).toEqual(['base', ...names.toSorted()]);
  const round = () =>
    Promise.all(
      [...alone].flatMap(([model, texts]) =>
        prompts.map(async (prompt, index) => {
          const { choices, usage } = await client.completions.create(greedy(model, prompt));
          expect([model, choices[0]!.text]).toEqual([model, texts[index]]);
          expect(usage!.completion_tokens).toBeLessThanOrEqual(12);
        }),
      ),
    );
  await round();
  const tensors = await server.metric('lowrank_tensors');
  await round();
  expect(await server.metric('lowrank_tensors')).toBe(tensors);
  const passes = await server.metric('lowrank_batch_size_count');
  expect(await server.metric('lowrank_batch_size_bucket{le="1"}')).toBeLessThan(passes);
}

async function streamsAndStops(server: Served, alone: Alone) {
  const client = clientOf(server);
  const text = alone.get('poet')![0]!;
  const options = { stream: true as const, stream_options: { include_usage: true } };
  let [streamed, used] = ['', 0];
  for await (const chunk of await client.completions.create({ ...greedy('poet', prompts[0]!), ...options })) {
    streamed += chunk.choices[0]?.text ?? '';
    used = chunk.usage?.completion_tokens ?? used;
  }
  expect(streamed).toBe(text);
  expect(used).toBeGreaterThan(0);
  const stop = text.slice(5, 9);
  const stopped = await client.completions.create({ ...greedy('poet', prompts[0]!), stop });
  expect(stopped.choices[0]).toMatchObject({ text: text.slice(0, text.indexOf(stop)), finish_reason: 'stop' });
  const seeded = async (seed: number) =>
    (await client.completions.create({ model: 'cook', prompt: 'My', seed, max_tokens: 24 })).choices[0]!.text;
  const [first, again, other] = await Promise.all([seeded(1), seeded(1), seeded(2)]);
  expect(again).toBe(first);
  expect(other).not.toBe(first);
  const chat = client.chat.completions.create({ model: 'base', messages: [{ role: 'user', content: 'Hello' }] });
  await expect(chat).rejects.toMatchObject({ status: 400, code: 'no_chat_template' });
}

async function unloadsAndLoads(server: Served, alone: Alone, folder: string) {
  const client = clientOf(server);
  const stream = await client.completions.create({ ...greedy('poet', prompts[0]!), stream: true });
  const pieces = stream[Symbol.asyncIterator]();
  let text = (await pieces.next()).value?.choices[0]!.text as string;
  const name = { lora_name: 'poet' };
  expect((await server.post('/v1/unload_lora_adapter', name)).status).toBe(200);
  await expect(client.completions.create(greedy('poet', 'My'))).rejects.toMatchObject({ status: 404 });
  for (let next = await pieces.next(); !next.done; next = await pieces.next()) text += next.value.choices[0]!.text;
  expect(text).toBe(alone.get('poet')![0]);
  expect((await server.post('/v1/load_lora_adapter', name)).status).toBe(200);
  const again = await client.completions.create(greedy('poet', prompts[1]!));
  expect(again.choices[0]!.text).toBe(alone.get('poet')![1]);

  await mkdir(join(folder, 'deep'));
  await cp(join(folder, 'poet'), join(folder, 'deep', 'poet'), { recursive: true });
  await symlink(join(folder, 'poet'), join(folder, 'linked'));
  for (const lora of ['../x', 'deep/poet', 'linked', '/etc', '.', '..', 'poet\0', '']) {
    const answer = await server.post('/v1/load_lora_adapter', { lora_name: lora });
    expect([lora, answer.status]).toEqual([lora, 404]);
  }
  const path = { lora_name: 'poet2', lora_path: join(folder, 'poet') };
  expect((await server.post('/v1/load_lora_adapter', path)).status).toBe(400);
}
