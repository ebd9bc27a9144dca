import { wasm } from '@lowrank/backend-wasm';
import { useBackend } from '@lowrank/core';
import { loadModel } from '@lowrank/models';
import { describe, expect, it, withFolder } from '@lowrank/testing';
import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { lowrank } from './lowrank.js';
import { tinyFolder, withServer, writeAdapters } from './served.js';

const request = (model: string) => ({ model, prompt: 'My', temperature: 0, max_tokens: 3 });

/** A folder of two adapters, the weights of one of which are cut. */
const withDamaged = (body: (folder: string, weights: string) => Promise<void>) =>
  withFolder(async (folder) => {
    await useBackend(wasm());
    using model = await loadModel(tinyFolder);
    await writeAdapters(model, folder, ['poet', 'clerk']);
    const weights = join(folder, 'poet', 'adapter_model.safetensors');
    await truncate(weights, 2000);
    await body(folder, weights);
  });

describe('lowrank serve with a damaged adapter', () => {
  it('says so in an event, and answers with the others', () =>
    withDamaged((folder, weights) =>
      withServer(['--adapters', folder], async ({ post, events, stop }) => {
        const answer = await post('/v1/completions', request('poet'));
        const text = await answer.text();
        expect([answer.status, JSON.parse(text).error.code]).toEqual([500, 'adapter_damaged']);
        expect(text).not.toContain(folder);
        await expect.poll(() => events.length).toBe(2);
        expect(events[1]).toMatchObject({
          type: 'request-fail',
          status: 500,
          code: 'adapter_damaged',
          cause: { code: 'file-invalid', given: expect.stringContaining(weights) },
        });
        expect((await post('/v1/completions', request('clerk'))).status).toBe(200);
        expect(await stop()).toBe(0);
      }),
    ));

  it('says so on stderr where people read', () =>
    withDamaged(async (folder, weights) => {
      let status: Promise<number> | undefined;
      const args = ['serve', '--port', '0', '--backend', 'wasm', '--adapters', folder];
      const { code, stderr } = await lowrank(args, {
        onLine: (line, child) => {
          const url = /^(http\S+)\/v1 serves/.exec(line)?.[1];
          if (url === undefined) return;
          status = statusOf(url).finally(() => child.kill('SIGTERM'));
        },
      });
      expect(await status).toBe(500);
      expect(code).toBe(0);
      expect(stderr).toContain('500 adapter_damaged: adapter "poet": ');
      expect(stderr).toContain(weights);
    }));
});

async function statusOf(url: string): Promise<number> {
  const headers = { 'content-type': 'application/json' };
  const { status } = await fetch(`${url}/v1/completions`, {
    method: 'POST',
    headers,
    body: JSON.stringify(request('poet')),
  });
  return status;
}
