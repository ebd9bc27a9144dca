import { expect, it, withFolder } from '@lowrank/testing';
import { cp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeClassifierAdapter } from './classifier-adapter.js';
import { lowrank } from './lowrank.js';

const hook = fileURLToPath(new URL('killed-at.cjs', import.meta.url));
const killedAt = (call: number) => ({ env: { NODE_OPTIONS: `--require ${hook}`, KILLED_AT: String(call) } });

/** What of a folder is an adapter; what a killed process was still writing has another name. */
async function adapterIn(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.lowrank-')).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'base64')] as const)),
  );
}

it('leaves the earlier adapter, the new one, or none that can be read, wherever kill -9 meets it', () =>
  withFolder(async (folder) => {
    const from = await writeClassifierAdapter(join(folder, 'from'), { classNames: ['spam', 'ham'] });
    const earlier = await writeClassifierAdapter(join(folder, 'earlier'), { classNames: ['ham', 'spam'] });
    const nameless = await writeClassifierAdapter(join(folder, 'nameless'), { classNames: ['a', 'b'], nameless: true });
    for (const other of [from, nameless]) {
      const out = join(folder, 'out');
      const rerank = ['rerank', other, '--rank', '1', '--out', out, '--overwrite'];
      await cp(earlier, out, { recursive: true });
      const before = await adapterIn(out);
      expect((await lowrank(rerank)).code).toBe(0);
      const after = await adapterIn(out);
      expect(Object.keys(after)).toHaveLength(other === from ? 3 : 2);
      const found: string[] = [];
      for (let call = 1, code: number | null = null; code === null; call++) {
        const hurt = join(folder, `${other === from ? 'from' : 'nameless'}-${call}`);
        await cp(earlier, hurt, { recursive: true });
        ({ code } = await lowrank([...rerank.slice(0, -2), hurt, '--overwrite'], killedAt(call)));
        const left = await adapterIn(hurt);
        if ('adapter_config.json' in left) {
          expect([before, after]).toContainEqual(left);
          found.push(left['adapter_config.json'] === before['adapter_config.json'] ? 'earlier' : 'new');
        } else {
          found.push('none');
          if (found.lastIndexOf('none') > found.indexOf('none')) continue;
          expect((await lowrank([...rerank.slice(0, -2), hurt])).code).toBe(0);
          expect(await adapterIn(hurt)).toEqual(after);
        }
      }
      expect(found[0]).toBe('earlier');
      expect(found).toContain('none');
      expect(found.at(-1)).toBe('new');
    }
  }));
