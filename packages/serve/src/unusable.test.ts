import { LowrankError } from '@lowrank/core';
import { writePeft } from '@lowrank/formats';
import { describe, errorOf, expect, it, withFolder } from '@lowrank/testing';
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunningServer, ServeFailure } from '@lowrank/serve';
import { tinyAdapter, unusable, writeUnusable } from '../test/adapters.js';
import { ask, withServer } from '../test/serving.js';

const request = (model: string) => ({ model, prompt: 'My', temperature: 0, max_tokens: 2 });

/** What the healthy adapter writes. */
async function poetsText(server: RunningServer): Promise<string> {
  const { status, body } = await ask(server, { body: request('poet') });
  expect([status, body]).toEqual([200, body]);
  return JSON.parse(body).choices[0].text;
}

describe('a request whose adapter cannot be loaded', () => {
  it('is told what is wrong and no path, the operator which file, and others are answered', () =>
    withFolder(async (root) => {
      await writeUnusable(root);
      const failures: ServeFailure[] = [];
      await withServer({ adapters: root, onError: (failure) => failures.push(failure) }, async (server) => {
        const before = await poetsText(server);
        for (const { name, status, code, cause } of unusable) {
          for (const stream of [false, true]) {
            const answer = await ask(server, { body: { ...request(name), stream } });
            expect([name, answer.status, answer.error?.code]).toEqual([name, status, code]);
            const type = status < 500 ? 'invalid_request_error' : 'server_error';
            expect(answer.error).toMatchObject({ type, param: null });
            expect(answer.error!.message).toMatch(new RegExp(`^adapter "${name}": .+; .+`));
            expect(answer.body).not.toContain(root);
            expect(answer.body).not.toContain('safetensors');
            const told = failures.splice(0);
            expect(told).toMatchObject([{ status, code, message: answer.error!.message }]);
            expect(LowrankError.is(told[0]!.cause)).toBe(true);
            expect((told[0]!.cause as Error).message.replaceAll(root, 'ROOT')).toMatch(cause);
          }
          expect(await poetsText(server)).toBe(before);
        }
        expect(failures).toEqual([]);
      });
    }));

  it('is answered once its files are right again', () =>
    withFolder(async (root) => {
      const [poet, away] = [join(root, 'poet'), `${root}-away`];
      await writePeft(poet, await tinyAdapter());
      await writePeft(join(root, 'clerk'), await tinyAdapter());
      const failures: ServeFailure[] = [];
      const gone = async (server: RunningServer) => {
        const { status, body, error } = await ask(server, { body: request('poet') });
        expect([status, error?.code]).toEqual([404, 'adapter_not_found']);
        expect(body).not.toContain(root);
        const told = failures.splice(0);
        expect(told).toMatchObject([{ code: 'adapter_not_found', cause: { code: 'file-missing', given: poet } }]);
      };
      try {
        await withServer({ adapters: root, onError: (failure) => failures.push(failure) }, async (server) => {
          expect(server.adapters).toEqual(['clerk', 'poet']);
          await rename(poet, away);
          await gone(server);
          await symlink(away, poet);
          await gone(server);
          await rm(poet);
          await mkdir(poet);
          await gone(server);
          expect((await ask(server, { body: request('clerk') })).status).toBe(200);
          await rm(poet, { recursive: true });
          await rename(away, poet);
          expect(await poetsText(server)).toBe(
            JSON.parse((await ask(server, { body: request('clerk') })).body).choices[0].text,
          );
          // To name one that never was is the client's fault: nobody else is told.
          const never = await ask(server, { path: '/v1/load_lora_adapter', body: { lora_name: 'never' } });
          expect([never.status, never.error?.code]).toEqual([404, 'adapter_not_found']);
          expect((await ask(server, { body: request('never') })).error?.code).toBe('model_not_found');
          expect(failures).toEqual([]);
        });
      } finally {
        await rm(away, { recursive: true, force: true });
      }
    }));

  it('is not one at the start: a folder with a link is no adapter, and one called as the base is refused', () =>
    withFolder(async (root) => {
      await writePeft(join(root, 'poet'), await tinyAdapter());
      await writePeft(join(root, 'linked'), await tinyAdapter());
      await symlink('/', join(root, 'linked', 'more'));
      await mkdir(join(root, 'notes'));
      await writeFile(join(root, 'notes', 'a.txt'), '');
      await withServer({ adapters: root }, async ({ adapters }) => expect(adapters).toEqual(['poet']));
      const error = await errorOf(() => withServer({ adapters: root, name: 'poet' }, async () => {}));
      expect([error.code, error.given]).toEqual(['config-invalid', `an adapter "poet" in "${root}"`]);
    }));
});
