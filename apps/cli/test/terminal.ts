import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

export interface TerminalOptions {
  cwd: string;
  /** What is pressed each time that a text comes up, in order. */
  answers?: [when: string | RegExp, keys: string][];
  /** Variables of the shell, `NAME=value `. */
  env?: string;
}

/** Runs the built command line in a pseudo-terminal of 40 rows and 90 columns, as `script` of util-linux makes one. */
export async function inTerminal(
  args: string[],
  { cwd, answers = [], env = '' }: TerminalOptions,
): Promise<{ code: number; screen: string }> {
  const command = [process.execPath, main, ...args].map((word) => `'${word}'`).join(' ');
  // Ctrl-C reaches the shell too; without the trap dash would end by it before it says how the command ended.
  const shell = `trap : INT; stty rows 40 cols 90; ${env}${command}; echo "exit code $?"`;
  const child = spawn('script', ['-qfc', shell, '/dev/null'], {
    cwd,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, SHELL: '/bin/sh' },
  });
  let [screen, from] = ['', 0];
  const left = [...answers];
  child.stdout.on('data', (chunk) => {
    screen += String(chunk);
    const [when, keys] = left[0] ?? [];
    if (when === undefined || !shows(screen.slice(from), when)) return;
    left.shift();
    from = screen.length;
    child.stdin.write(keys!);
  });
  await new Promise((resolve) => child.on('close', resolve));
  return { code: Number(/exit code (\d+)\s*$/.exec(screen)?.[1]), screen };
}

function shows(text: string, when: string | RegExp): boolean {
  return typeof when === 'string' ? text.includes(when) : when.test(text);
}
