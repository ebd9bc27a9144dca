import { describe, expect, it } from '@lowrank/testing';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { knownCommands } from '../src/completion/known-commands.js';
import { program } from '../src/program.js';

const page = fileURLToPath(new URL('../../../docs/cli.md', import.meta.url));
const begin = '<!-- The text below is written by `pnpm run cli-docs`. -->\n';

describe('docs/cli.md', () => {
  it('has the help of each command, as pnpm run cli-docs writes it', async () => {
    const root = program();
    const helps = knownCommands(root).map(({ name }) => {
      let help = '';
      const command = root.commands.find((one) => one.name() === name)!;
      command.configureOutput({ writeOut: (text) => (help += text), getOutHelpWidth: () => 110 }).outputHelp();
      return `### ${name}\n\n\`\`\`text\n${help.trimEnd()}\n\`\`\`\n`;
    });
    const [written] = (await readFile(page, 'utf8')).split(begin);
    await expect(`${written}${begin}\n${helps.join('\n')}`).toMatchFileSnapshot(page);
  });

  it('tells each exit code that --help tells', async () => {
    let help = '';
    program()
      .configureOutput({ writeOut: (text) => (help += text) })
      .outputHelp();
    const codes = [...help.split('Exit codes:')[1]!.matchAll(/\d+(?= )/g)].map(([code]) => code);
    const text = await readFile(page, 'utf8');
    expect(codes).toEqual(['0', '1', '2', '130']);
    for (const code of codes) expect(text).toContain(`\n| ${code} | `);
  });
});
