import { LowrankError, useBackend, type Backend } from '@lowrank/core';
import { cpu, describe, errorOf, expect, it, withFolder } from '@lowrank/testing';
import { getBackend } from '@tensorflow/tfjs-core';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

function absent(name: string, rule: string): Backend {
  const init = async () => {
    throw new LowrankError('backend-unavailable', { given: `backend "${name}"`, rule, fix: `install\n  ${name}` });
  };
  return { name, init, capabilities: () => ({ threads: 1 }) };
}

describe("useBackend('auto')", () => {
  it('takes the first that runs, and tells nothing where that is the first of all', async () => {
    const lines: string[] = [];
    const never = { ...cpu(), init: () => Promise.reject(new Error('was asked')) };
    const used = await useBackend('auto', { among: [cpu(), never], notice: (line) => lines.push(line) });
    expect([used.name, getBackend(), lines]).toEqual(['cpu', 'cpu', []]);
  });

  it('says in one line why those before it do not run', async () => {
    const lines: string[] = [];
    const among = [absent('gpu', 'it needs a card'), absent('native', 'it needs an addon'), cpu()];
    await useBackend('auto', { among, notice: (line) => lines.push(line) });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^backend "cpu" is used, for .*it needs a card.*install gpu.* \| .*it needs an addon/);
    expect(lines[0]).not.toContain('\n');
  });

  it('throws the reason of each where none runs, and leaves the active backend', async () => {
    await useBackend(cpu());
    const among = [absent('gpu', 'it needs a card'), absent('native', 'it needs an addon')];
    const error = await errorOf(() => useBackend('auto', { among }));
    expect(error.code).toBe('backend-unavailable');
    for (const part of ['it needs a card', 'install gpu', 'it needs an addon', 'install native']) {
      expect(error.fix).toContain(part);
    }
    expect(LowrankError.is(error.cause, 'backend-unavailable')).toBe(true);
    expect(getBackend()).toBe('cpu');
  });

  it('throws what is no absence as it is: a bug must not look like a machine without a card', async () => {
    const broken = { ...cpu(), init: () => Promise.reject(new RangeError('a bug')) };
    await expect(useBackend('auto', { among: [broken, cpu()] })).rejects.toThrow(RangeError);
  });

  it('finds the packages beside the program, fastest first', async () => {
    await withFolder(async (folder) => {
      await fakePackage(folder, 'backend-wasm', 'wasm', "'wasm is here'");
      await fakePackage(folder, 'backend-node', 'node', 'undefined');
      await fakePackage(folder, 'backend-webgpu', 'webgpu', "'no card'");
      const lines: string[] = [];
      const notice = (line: string) => lines.push(line);
      const used = await withProgram(join(folder, 'program.js'), () => useBackend('auto', { notice }));
      expect((used as unknown as { from: string }).from).toBe('node');
      expect(lines).toEqual([expect.stringContaining('no card')]);
      expect(lines[0]).not.toContain('wasm is here');
    });
  });
});

async function withProgram<Result>(program: string, work: () => Promise<Result>): Promise<Result> {
  const before = process.argv[1] as string;
  process.argv[1] = program;
  try {
    return await work();
  } finally {
    process.argv[1] = before;
  }
}

/** A package whose backend is tfjs's cpu, or cannot run for a reason; its errors are those of another copy of core. */
async function fakePackage(folder: string, name: string, factory: string, reason: string): Promise<void> {
  const place = join(folder, 'node_modules', '@lowrank', name);
  await mkdir(place, { recursive: true });
  const manifest = { name: `@lowrank/${name}`, type: 'module', exports: './index.js' };
  await writeFile(join(place, 'package.json'), JSON.stringify(manifest));
  await writeFile(
    join(place, 'index.js'),
    `const reason = ${reason};
     export const ${factory} = () => ({
       name: 'cpu',
       from: '${factory}',
       capabilities: () => ({ threads: 1 }),
       async init() {
         if (!reason) return;
         const error = new Error(reason);
         throw Object.assign(error, { code: 'backend-unavailable', [Symbol.for('lowrank.error')]: true });
       },
     });`,
  );
}
