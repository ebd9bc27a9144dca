import type { LowrankError } from '@lowrank/core';
import { describe, expect, it, withFolder } from '@lowrank/testing';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { applyConfig } from '../src/config/apply-config.js';
import { program } from '../src/program.js';
import { lowrank, quick, writeText, type Ran } from './lowrank.js';

const plan = ['plan', '--json'];

/** Runs `plan` with a config of this name and text. */
async function planWith(name: string, text: string, ...args: string[]) {
  let ran: Ran | undefined;
  await withFolder(async (folder) => {
    const file = join(folder, name);
    await writeFile(file, text);
    ran = await lowrank([...plan, '--config', file, ...args]);
  });
  return ran!;
}

const wrong: { name: string; file: string; text: string; says: string[] }[] = [
  {
    name: 'a key that is none, by its line and the nearest',
    file: 'a.yaml',
    text: 'model: tiny\n\nrnak: 8\n',
    says: ['a.yaml:3: rnak', 'lowrank plan has no such option', 'nearest here: rank'],
  },
  {
    name: 'a value that its option refuses, in JSON',
    file: 'a.json',
    text: '{\n  "model": "tiny",\n  "rank": 0\n}\n',
    says: ['a.json:3: rank: 0', 'whole number of 1 or more', '--rank'],
  },
  {
    name: 'a choice that is none',
    file: 'a.yaml',
    text: 'model: tiny\nbackend: wsam\n',
    says: ['a.yaml:2: backend: "wsam"', 'node, wasm, webgpu', 'nearest here: wasm'],
  },
  {
    name: 'a text where a flag is on or off',
    file: 'a.yaml',
    text: 'model: tiny\nrslora: maybe\n',
    says: ['a.yaml:2: rslora: "maybe"', 'true or false'],
  },
  { name: 'a key without a value', file: 'a.yaml', text: 'model:\n', says: ['a.yaml:1: model: null', 'not nothing'] },
  { name: 'a key that is there twice', file: 'a.yaml', text: 'rank: 1\nrank: 2\n', says: ['a.yaml:2', 'unique'] },
  { name: 'what does not parse', file: 'a.json', text: '{"model": "tiny",\n "rank": }', says: ['a.json:2'] },
  {
    name: 'an alias of nothing',
    file: 'a.yaml',
    text: 'model: tiny\ntargets: { k: *none }\n',
    says: ['a.yaml:2', 'Unresolved alias'],
  },
  {
    name: 'an alias of what it stands in',
    file: 'a.yaml',
    text: 'targets: &own [*own]\n',
    says: ['a.yaml:1'],
  },
  { name: 'what is no object', file: 'a.yaml', text: '- model\n', says: ['a.yaml:1', 'no object'] },
  {
    name: 'a key of a module',
    file: 'a.ts',
    text: 'const model: string = "tiny";\nexport default {\n  model,\n  rnak: 8,\n};\n',
    says: ['a.ts:4: rnak', 'nearest here: rank'],
  },
  { name: 'a module that throws', file: 'a.mjs', text: 'throw new Error("broken");\n', says: ['a.mjs', 'broken'] },
  { name: 'a file of another kind', file: 'a.toml', text: 'rank = 8\n', says: ['a.toml', '.yaml'] },
];

describe('--config', () => {
  it('equals the flags, in YAML, JSON and TypeScript', async () => {
    const flags = ['--model', 'tiny', '--rank', '4', '--targets', 'q_proj,v_proj', '--rslora'];
    const patterns = ['--rank-pattern', 'layers.0.self_attn.q_proj=2,layers.1=3'];
    const { stdout } = await lowrank([...plan, ...flags, ...patterns]);
    const options = {
      model: 'tiny',
      rank: 4,
      targets: ['q_proj', 'v_proj'],
      rslora: true,
      rankPattern: { 'layers.0.self_attn.q_proj': 2, 'layers.1': 3 },
    };
    const yaml = `model: tiny\nrank: 4 # small\ntargets: q_proj,v_proj\nrslora: true\nrankPattern:\n  layers.0.self_attn.q_proj: 2\n  layers.1: 3\n`;
    expect((await planWith('a.yaml', yaml)).stdout).toBe(stdout);
    expect((await planWith('a.json', JSON.stringify(options))).stdout).toBe(stdout);
    const ts = `interface Options { rank: number }\nexport default ${JSON.stringify(options)} satisfies Options;\n`;
    expect((await planWith('a.ts', ts)).stdout).toBe(stdout);
  });

  it('keeps the commas of expressions, in texts, lists and maps', async () => {
    const layers = String.raw`layers\.\d{1,2}\.self_attn\.[q,v]_proj`;
    const options = { model: 'tiny', targets: [`/.*${layers}/`], rankPattern: { [layers]: 3 }, rank: 2 };
    const listed = (await planWith('a.json', JSON.stringify(options))).events[0]!;
    const { modules } = listed as { modules: { path: string; rank: number }[] };
    expect(modules.length).toBeGreaterThan(2);
    for (const { path, rank } of modules) expect([/[qv]_proj$/.test(path), rank]).toEqual([true, 3]);
    const text = `model: tiny\ntargets: '/.*${layers}/'\nrankPattern: '${layers}=3,other=4'\nrank: 2\n`;
    expect((await planWith('a.yaml', text)).events[0]!['modules']).toEqual(modules);
  });

  it('gives way to what is typed, lists and rivals too, and --print-config says what is from where', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'a.yaml');
      await writeFile(file, 'model: tiny\ndata: [one.txt, two.txt]\nrank: 4\n\nsteps: 7\n');
      const args = ['train', '--config', file, '--rank', '16', '--data', 'three.txt', '--out', 'x', '--print-config'];
      const { code, stdout } = await lowrank(args);
      expect(code).toBe(0);
      expect(stdout).toContain(`model: tiny # ${file}:1\ndata: [ three.txt ] # flag\n`);
      expect(stdout).toContain('rank: 16 # flag\n');
      expect(stdout).toContain(`steps: 7 # ${file}:5\n`);
      expect(stdout).toContain('learningRate: 0.001 # default\n');
      const [shown] = (await lowrank([...args, '--json'])).events;
      expect(shown).toMatchObject({
        type: 'config',
        command: 'train',
        options: { data: ['three.txt'], rank: 16, steps: 7 },
        sources: { rank: 'flag', steps: `${file}:5`, epochs: 'default' },
      });
      // What is shown is a config that shows the same.
      await writeFile(join(folder, 'b.yaml'), stdout);
      const again = await lowrank(['train', '--config', join(folder, 'b.yaml'), '--print-config', '--json']);
      expect(again.events[0]!['options']).toEqual({ ...shown!['options'], json: true });

      await writeFile(file, 'rank: 4\nout: y\n');
      const rival = await lowrank(['rerank', 'adapter', '--config', file, '--energy', '0.9', '--print-config']);
      expect([rival.code, rival.stdout.includes('rank'), rival.stdout.includes('energy: 0.9')]).toEqual([
        0,
        true,
        true,
      ]);
      expect(rival.stdout).not.toMatch(/^rank:/m);
    });
  });

  it('shows no API key and no password, only where they are from', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'a.yaml');
      await writeFile(file, 'apiKey: hidden-in-file\nport: 9000\n');
      const print = ['--print-config'];
      const ways: [string[], NodeJS.ProcessEnv, string][] = [
        [['serve', '--api-key', 'hidden-as-typed'], {}, 'apiKey is not shown, flag'],
        [['serve'], { LOWRANK_API_KEY: 'hidden-in-environment' }, 'apiKey is not shown, LOWRANK_API_KEY'],
        [['serve', '--config', file], {}, `apiKey is not shown, ${file}:1`],
        [
          ['worker', '--folder', folder, '--redis', 'redis://me:hidden-in-address@queue:6379'],
          {},
          'redis is not shown, flag',
        ],
      ];
      for (const [args, env, said] of ways) {
        const text = await lowrank([...args, ...print], { env });
        expect(text.stdout).toContain(`# ${said}\n`);
        const json = await lowrank([...args, ...print, '--json'], { env });
        const key = said.split(' ')[0] as string;
        expect(json.events[0]!['sources'][key]).toBe(said.split(', ')[1]);
        for (const { code, stdout, stderr } of [text, json])
          expect([code, (stdout + stderr).includes('hidden')]).toEqual([0, false]);
      }
      const open = await lowrank(['worker', '--folder', folder, '--redis', 'redis://queue:6379', ...print]);
      expect(open.stdout).toContain('redis: redis://queue:6379 # flag\n');
    });
  });

  it('refuses, by file, line, key, rule and nearest key', async () => {
    await withFolder(async (folder) => {
      const command = () => program().commands.find((one) => one.name() === 'plan')!;
      for (const { name, file, text, says } of wrong) {
        const path = join(folder, file);
        await writeFile(path, text);
        const { cause } = (await applyConfig(command(), command(), ['--config', path]).catch(
          (error) => error,
        )) as Error;
        const { code, given, rule, fix } = cause as LowrankError;
        expect(code, name).toBe('config-invalid');
        for (const part of says) expect(`${given}\n${rule}\n${fix}`.replaceAll(`${folder}/`, ''), name).toContain(part);
      }
    });
    const { code, stderr, events } = await planWith('a.yaml', 'model: tiny\nrnak: 8\n', '--json');
    expect([code, events[0]]).toMatchObject([2, { type: 'error', code: 'config-invalid' }]);
    expect(stderr).toMatch(/a\.yaml:2: rnak\n.*\n.*nearest here: rank/);
    const missing = await lowrank([...plan, '--config', 'nowhere.yaml']);
    expect([missing.code, missing.stderr.includes('nowhere.yaml')]).toEqual([2, true]);
  });

  it('does a run again from what the run kept, and goes on with no other', async () => {
    await withFolder(async (folder) => {
      const [file, first, second] = ['a.yaml', 'first', 'second'].map((name) => join(folder, name)) as [
        string,
        string,
        string,
      ];
      const data = await writeText(folder);
      await writeFile(file, `data: ${data}\nout: ${first}\nsteps: 2\ntargets: /.*(q|v)_proj/\n`);
      const flags = quick.filter((flag) => flag !== '--targets' && flag !== 'q_proj,v_proj');
      expect((await lowrank(['train', ...flags, '--config', file])).code).toBe(0);
      const kept = join(first, 'run', 'options.json');
      expect((await lowrank(['train', '--config', kept, '--out', second])).code).toBe(0);
      const adapter = (out: string) => readFile(join(out, 'adapter_model.safetensors'));
      expect(await adapter(second)).toEqual(await adapter(first));
      expect(JSON.parse(await readFile(join(second, 'run', 'options.json'), 'utf8'))).toEqual(
        JSON.parse(await readFile(kept, 'utf8')),
      );
      await writeFile(file, `out: ${first}\nsteps: 3\n`);
      const other = await lowrank(['train', '--resume', '--config', file, '--json']);
      expect([other.code, other.events[0]]).toMatchObject([2, { rule: expect.stringContaining('started with') }]);
    });
  });
});
