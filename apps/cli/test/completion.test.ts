import { describe, expect, it } from '@lowrank/testing';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { lowrank } from './lowrank.js';

describe('lowrank completion', () => {
  it('completes commands, options, choices and arguments in bash, and leaves the rest to names of files', async () => {
    const { stdout: script } = await lowrank(['completion', 'bash']);
    const lines = [
      ['tr'],
      ['train', '--ba'],
      ['train', '-r', '8', '--init', ''],
      ['completion', ''],
      ['train', '--data', ''],
    ];
    const tries = lines.map((words) => {
      const quoted = ['lowrank', ...words].map((word) => `'${word}'`);
      return `COMP_WORDS=(${quoted.join(' ')}); COMP_CWORD=${words.length}; _lowrank; echo "\${COMPREPLY[*]}"`;
    });
    const { stdout } = await promisify(execFile)('bash', ['-c', [script, ...tries].join('\n')]);
    expect(stdout.split('\n').slice(0, -1)).toEqual([
      'train train-rounds',
      '--batch --backend',
      expect.stringMatching(/^kaiming gaussian/),
      'bash zsh fish',
      '',
    ]);
  });

  it('writes what zsh and fish read', async () => {
    const zsh = (await lowrank(['completion', 'zsh'])).stdout;
    expect(zsh).toMatch(/^#compdef lowrank\n/);
    expect(zsh).toMatch(/ {4}train\) _arguments .*'\*--backend\[[^\]]+\]:value:\(auto node wasm webgpu\)'/);
    const fish = (await lowrank(['completion', 'fish'])).stdout;
    expect(fish).toMatch(/-n '__fish_seen_subcommand_from train' -l backend -x -a 'auto node wasm webgpu' -d '/);
    expect((await lowrank(['completion', 'tcsh'])).code).toBe(2);
  });
});
