import { describe, expect, it } from '@lowrank/testing';
import { ask, withServer } from '../test/serving.js';

const request = { model: 'base', prompt: 'My', max_tokens: 2 };

describe('a server without a key', () => {
  it('refuses what was sent to a name that is not its own, as a rebound web page would', () =>
    withServer({}, async (server) => {
      const { port } = new URL(server.url);
      const foreign = [
        'rebound.example',
        `rebound.example:${port}`,
        '127.0.0.1.example',
        'localhost.example',
        'notlocalhost',
        '0.0.0.0',
        '192.168.0.7',
      ];
      for (const host of foreign) {
        for (const path of ['/health', '/metrics', '/v1/models', '/none']) {
          const { status, error } = await ask(server, { path, headers: { host } });
          expect([host, path, status, error?.code]).toEqual([host, path, 403, 'host_not_allowed']);
        }
        const { status, error } = await ask(server, { body: request, headers: { host } });
        expect([host, status]).toEqual([host, 403]);
        expect(error).toMatchObject({ type: 'invalid_request_error', param: null });
        expect(error!.message).toMatch(/localhost, 127\.0\.0\.1 and \[::1\].*start it with an API key/);
        expect(error!.message.startsWith(`Host "${host}"`)).toBe(true);
      }
      for (const host of [`localhost@rebound.example:${port}`, 'rebound.example#localhost', 'localhost/../x', '::1']) {
        expect([host, (await ask(server, { body: request, headers: { host } })).status]).toEqual([host, 400]);
      }
    }));

  it('answers by each name of its own, with any port', () =>
    withServer({}, async (server) => {
      for (const host of [
        'localhost',
        'LOCALHOST:80',
        '127.0.0.1',
        '127.0.0.1:8000',
        '127.1.2.3',
        '[::1]',
        '[::1]:9',
      ]) {
        const { status } = await ask(server, { path: '/v1/models', headers: { host } });
        expect([host, status]).toEqual([host, 200]);
      }
      expect((await ask(server, { body: request, headers: { host: 'localhost' } })).status).toBe(200);
    }));
});
