import { loadTokenizer } from '@lowrank/models';
import type { ServeFailure } from '@lowrank/serve';
import { describe, expect, it } from '@lowrank/testing';
import { connect } from 'node:net';
import { ask, tinyFolder, withServer } from '../test/serving.js';

const secret = new Error('ENOENT: /srv/private');

describe('what nobody foresaw', () => {
  it('tells the client nothing and the operator all, before an answer begins', async () => {
    const failures: ServeFailure[] = [];
    const fails = () => {
      throw secret;
    };
    const template = { render: fails, turns: fails };
    await withServer({ template, onError: (failure) => failures.push(failure) }, async (server) => {
      const body = { model: 'base', messages: [{ role: 'user', content: 'Hello' }] };
      const answer = await ask(server, { path: '/v1/chat/completions', body });
      const error = {
        message: 'the server failed to answer',
        type: 'server_error',
        param: null,
        code: 'internal_error',
      };
      expect([answer.status, answer.error]).toEqual([500, error]);
      expect(failures).toEqual([{ status: 500, code: error.code, message: error.message, cause: secret }]);
    });
  });

  it('and in the middle of one, whole or streamed', async () => {
    const failures: ServeFailure[] = [];
    const tokenizer = Object.create(await loadTokenizer(tinyFolder), {
      decode: {
        value: () => {
          throw secret;
        },
      },
    });
    await withServer({ tokenizer, onError: (failure) => failures.push(failure) }, async (server) => {
      for (const stream of [false, true]) {
        const answer = await ask(server, { body: { model: 'base', prompt: 'My', max_tokens: 2, stream } });
        expect(answer.status).toBe(stream ? 200 : 500);
        expect(answer.body).toContain('"code":"internal_error"');
        expect(answer.body).not.toContain('private');
        expect(failures.splice(0)).toMatchObject([{ code: 'internal_error', cause: secret }]);
      }
    });
  });

  it('is not a client that goes away in the middle of its body, or of its answer', async () => {
    const failures: ServeFailure[] = [];
    await withServer({ onError: (failure) => failures.push(failure) }, async (server) => {
      const answered = async (status: number) => {
        const { body } = await ask(server, { path: '/metrics' });
        const line = new RegExp(`route="/v1/completions",status="${status}"} (\\d+)`);
        return Number(line.exec(body)?.[1] ?? 0);
      };
      const half = { 'content-length: 100': '{"a":', 'transfer-encoding: chunked': '5\r\n{"a":\r\n' };
      for (const [index, [header, body]] of Object.entries(half).entries()) {
        await sendAndLeave(server.url, header, body);
        await expect.poll(() => answered(503), { timeout: 10_000 }).toBe(index + 1);
      }
      const body = JSON.stringify({ model: 'base', prompt: 'My', max_tokens: 200 });
      await sendAndLeave(server.url, `content-length: ${body.length}`, body);
      await expect.poll(() => answered(503), { timeout: 10_000 }).toBe(3);
      expect(failures).toEqual([]);
    });
  });
});

async function sendAndLeave(url: string, header: string, body: string): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const head = ['POST /v1/completions HTTP/1.1', `host: ${hostname}`, 'content-type: application/json', header];
  await new Promise<void>((sent) => socket.write(`${head.join('\r\n')}\r\n\r\n${body}`, () => sent()));
  socket.destroy();
}
