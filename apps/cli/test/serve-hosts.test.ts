import { describe, expect, it } from '@lowrank/testing';
import { lowrank } from './lowrank.js';
import { withServer } from './served.js';

describe('lowrank serve --host', () => {
  it('ends with an error where others could reach it and there is no key', async () => {
    const args = ['serve', '--host', '0.0.0.0', '--port', '0', '--backend', 'wasm', '--json'];
    // A server that listens after all is ended, rather than waited for.
    const { code, events, stderr } = await lowrank(args, {
      onLine: (line, child) => void (line.includes('"listening"') && child.kill('SIGKILL')),
    });
    expect(events).toMatchObject([{ type: 'error', code: 'config-invalid' }]);
    expect(stderr).toContain('host "0.0.0.0" without an API key');
    expect(stderr).toContain('→ give an API key, or serve on 127.0.0.1');
    expect(code).toBe(1);
  });

  it('serves with a key, and refuses requests without it', () =>
    withServer(['--host', '0.0.0.0', '--api-key', 'secret'], async ({ url, post, stop }) => {
      expect(new URL(url).hostname).toBe('0.0.0.0');
      const request = { model: 'base', prompt: 'My', max_tokens: 2 };
      const refused = await post('/v1/completions', request);
      expect(refused.status).toBe(401);
      expect(await refused.json()).toMatchObject({ error: { code: 'invalid_api_key' } });
      const answer = await post('/v1/completions', request, { authorization: 'Bearer secret' });
      expect(answer.status).toBe(200);
      expect(await stop()).toBe(0);
    }));
});
