import { describe, expect, it, withFolder } from '@lowrank/testing';
import { execFile, spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { lowrank } from './lowrank.js';

const [fishIsHere, zshIsHere] = ['fish', 'zsh'].map((shell) => {
  const here = spawnSync(shell, ['--version']).error === undefined;
  if (!here) console.warn(`the completion for ${shell} is not run: ${shell} is not installed`);
  return here;
}) as [boolean, boolean];

describe.runIf(fishIsHere)('lowrank completion fish', () => {
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

// What zsh's own functions would be given; they themselves work only while a person presses keys.
const zshStubs = `
compdef() { print -r -- "compdef $*" }
_describe() { print -r -l -- "$1" "\${(@P)2}" }
_arguments() { print -r -l -- "at $CURRENT of $words" "$@" }
complete_at() { words=(lowrank "$@"); CURRENT=$#words; _lowrank; print end }`;

describe.runIf(zshIsHere)('lowrank completion zsh', () => {
  it('offers commands, options and choices in zsh, sourced or from a folder of fpath', async () => {
    await withFolder(async (folder) => {
      await writeFile(join(folder, '_lowrank'), (await lowrank(['completion', 'zsh'])).stdout);
      const tries = `complete_at tr; complete_at train --backend w; complete_at completion ''`;
      const inZsh = async (load: string) => {
        const script = [zshStubs, load, tries].join('\n');
        return (await promisify(execFile)('zsh', ['-f', '-c', script], { cwd: folder })).stdout;
      };
      const sourced = await inZsh('source ./_lowrank');
      expect(sourced.startsWith('compdef _lowrank lowrank\n')).toBe(true);
      const found = await inZsh('fpath=(. $fpath); autoload -Uz _lowrank');
      expect(found).toBe(sourced.slice('compdef _lowrank lowrank\n'.length));

      const [commands, train, words] = found.split('end\n').map((part) => part.trimEnd().split('\n'));
      expect(commands![0]).toBe('command');
      expect(commands!.find((line) => line.startsWith('train:'))).toMatch(/^train:[A-Z]/);
      expect(train![0]).toBe('at 3 of train --backend w');
      expect(train).toContainEqual(expect.stringMatching(/^\*--backend\[.*\]:value:\(auto node wasm webgpu\)$/));
      expect(train).toContainEqual(expect.stringMatching(/^\*--resume\[[^\]]+\]$/));
      // One spec an option: [explanation] with its own brackets and colons escaped, then what a value is completed by.
      const spec = /^\*(--?[\w-]+\[(\\.|[^[\]\\:])*\](:value:(\([^()]+\)|_files))?|:(value:\([^()]+\)|file:_files))$/;
      for (const line of train!.slice(1)) expect(line).toMatch(spec);
      expect(words).toContain('*:value:(bash zsh fish)');
    });
  });
});
