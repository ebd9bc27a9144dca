import { describe, errorOf, expect, it } from '@lowrank/testing';
import { networkInterfaces } from 'node:os';
import { ask, withServer } from '../test/serving.js';

const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));
const request = { model: 'base', prompt: 'My', max_tokens: 2 };

describe('where a server listens', () => {
  const open = ['0.0.0.0', '::', '192.168.0.7', 'example.com', '127.0.0.1.example.com', 'localhost.example.com', ''];
  for (const host of open) {
    it(`is not "${host}" without an API key`, async () => {
      const error = await errorOf(() => withServer({ host }, async () => {}));
      expect(error.code).toBe('config-invalid');
      expect(error.message).toMatch(new RegExp(`^host "${host}" without an API key: .*give an API key, or serve on`));
    });
  }

  it('is nowhere with an empty key, which anyone could give', async () => {
    const error = await errorOf(() => withServer({ apiKey: '' }, async () => {}));
    expect(error.message).toMatch(/^an empty API key: /);
  });

  it('is any address with a key, which requests need', () =>
    withServer({ host: '0.0.0.0', apiKey: 'secret' }, async (server) => {
      for (const headers of [{}, { authorization: 'Bearer wrong' }, { authorization: 'secret' }]) {
        for (const path of ['/v1/models', '/metrics']) {
          const { status, error } = await ask(server, { path, headers });
          expect([path, status, error?.code]).toEqual([path, 401, 'invalid_api_key']);
        }
        const refused = await ask(server, { body: request, headers });
        expect([refused.status, refused.error?.code]).toEqual([401, 'invalid_api_key']);
      }
      const authorization = 'Bearer secret';
      expect((await ask(server, { body: request, headers: { authorization } })).status).toBe(200);
      // Whoever has the key comes by whatever name the machine has.
      expect((await ask(server, { path: '/v1/models', headers: { authorization, host: 'gpu.lan' } })).status).toBe(200);
    }));

  for (const host of ['127.0.0.1', 'localhost', '::1']) {
    it.runIf(!host.includes(':') || hasIpv6)(`is ${host} without a key`, () =>
      withServer({ host }, async ({ url }) => {
        expect(new URL(url).hostname).toBe(host.includes(':') ? `[${host}]` : host);
        expect((await fetch(`${url}/v1/models`)).status).toBe(200);
      }),
    );
  }
});
