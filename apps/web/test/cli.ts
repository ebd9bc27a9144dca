import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { tinyBase } from './site.js';

const main = fileURLToPath(new URL('../../cli/dist/main.js', import.meta.url));

/** What the built command line prints. */
export async function cli(args: string[]): Promise<string> {
  return (await promisify(execFile)(process.execPath, [main, ...args])).stdout;
}

/** What the command line writes after a prompt, always the likeliest. */
export async function generated(adapter: string, prompt: string): Promise<string> {
  const options = ['--max-tokens', '40', '--temperature', '0', '--backend', 'wasm'];
  const said = await cli(['generate', '--model', tinyBase, '--adapter', adapter, '--prompt', prompt, ...options]);
  return said.trim();
}
