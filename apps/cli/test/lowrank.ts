import { spawn, type ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

export interface RunOptions {
  /** Is told each line of stdout as it comes, and may signal the process. */
  onLine?: (line: string, child: ChildProcess) => void;
  /** The largest file that the process may write, in KiB: a write beyond it fails, as on a full disk. */
  largestFile?: number;
  /** What it reads on stdin; nothing where it is left out. */
  input?: string;
  /** Variables added to the environment. */
  env?: NodeJS.ProcessEnv;
}

export interface Ran {
  /** The exit code, or null when a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
  /** The JSON objects on stdout, of a `--json` run. */
  // oxlint-disable-next-line no-explicit-any -- a test that reads a field checks its value
  events: Record<string, any>[];
}

/** Runs the built command line in a process of its own, as a user does. */
export async function lowrank(args: string[], { onLine, largestFile, input = '', env }: RunOptions = {}): Promise<Ran> {
  const command = [process.execPath, main, ...args];
  if (largestFile !== undefined) command.unshift('bash', '-c', `ulimit -f ${largestFile}; exec "$@"`, 'bash');
  const child = spawn(command[0]!, command.slice(1), {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  // It may end before it has read anything.
  child.stdin.on('error', () => {}).end(input);
  let [stdout, stderr, seen] = ['', '', 0];
  child.stdout.on('data', (chunk) => {
    stdout += String(chunk);
    const lines = stdout.split('\n').slice(0, -1);
    for (const line of lines.slice(seen)) onLine?.(line, child);
    seen = lines.length;
  });
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const events = args.includes('--json')
    ? stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))
    : [];
  return { code, stdout, stderr, events };
}

/** A text of a few thousand characters with something to learn in it. */
export async function writeText(folder: string, name = 'text.txt'): Promise<string> {
  const lines = Array.from(
    { length: 60 },
    (_, index) => `The whale number ${index} swam past the old ship, and the captain cried aloud.`,
  );
  const path = join(folder, name);
  await writeFile(path, `${lines.join('\n')}\n`);
  return path;
}

/** Options of a run that takes seconds. */
export const quick = [
  '--model',
  'tiny',
  '--rank',
  '2',
  '--targets',
  'q_proj,v_proj',
  '--batch',
  '2',
  '--sequence',
  '32',
  '--backend',
  'wasm',
];

/** An environment in which tfjs-node is not installed, or its native part crashes or hangs as it loads. */
export function tfjsNode(how: 'absent' | 'crashes' | 'hangs'): NodeJS.ProcessEnv {
  const hook = fileURLToPath(new URL('without-tfjs-node.cjs', import.meta.url));
  return { NODE_OPTIONS: `--require ${hook}`, TFJS_NODE: how };
}

/** Chromium's software driver for WebGPU, where a machine has it: slow, and right. */
export const softwareGpu = {
  VK_ICD_FILENAMES: '/usr/lib/chromium/vk_swiftshader_icd.json',
  XDG_RUNTIME_DIR: tmpdir(),
};
