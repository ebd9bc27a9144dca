import { describe, expect, it, withFolder } from '@lowrank/testing';
import { execFile, spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { lowrank } from './lowrank.js';

const installed = spawnSync('fish', ['--version']).error === undefined;
if (!installed) console.warn('the completion for fish is not run: fish is not installed');

describe.runIf(installed)('lowrank completion fish', () => {
  it('completes commands, options and choices in fish', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'lowrank.fish');
      await writeFile(file, (await lowrank(['completion', 'fish'])).stdout);
      const lines = ['lowrank tr', 'lowrank train --backend w', 'lowrank completion '];
      const tries = lines.map((line) => `complete -C '${line}' | string split -f 1 \\t; echo end`);
      const script = [`source ${file}`, ...tries].join('\n');
      const { stdout } = await promisify(execFile)('fish', ['--no-config', '-c', script]);
      const [commands, choices, words] = stdout.split('end\n').map((part) => part.trim().split('\n'));
      expect(commands).toContain('train');
      expect(choices).toEqual(['wasm', 'webgpu']);
      expect(words).toEqual(['bash', 'fish', 'zsh']);
    });
  });
});
