// The API reference, from the docstrings of what each package exports: all packages in one program, so that they link to each other.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Application, LogLevel, ReflectionKind } from 'typedoc';
import { pages, root, site } from './folders.mjs';

/**
 * Writes the reference into `api/` of the pages.
 *
 * @returns TypeDoc's warnings, and by package the names of the exports that have no docstring.
 */
export async function writeApiReference() {
  const entries = publicEntries();
  const app = await Application.bootstrapWithPlugins({
    plugin: ['typedoc-plugin-markdown'],
    logLevel: 'Warn',
    tsconfig: join(site, 'tsconfig.json'),
    entryPoints: entries.map(({ file }) => file),
    skipErrorChecking: true, // another gate checks types, with a newer compiler
    disableGit: true,
    disableSources: true,
    excludePrivate: true,
    readme: 'none',
    outputs: [{ name: 'markdown', path: join(pages, 'api') }],
    name: 'API reference',
    outputFileStrategy: 'modules',
    entryFileName: 'index',
    hidePageHeader: true,
    hideBreadcrumbs: true,
    useHTMLAnchors: true,
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    typeAliasPropertiesFormat: 'table',
    validation: { notExported: false, invalidLink: true, notDocumented: false, rewrittenLink: false },
  });
  const warnings = [];
  app.logger.log = (message, level) => void (level >= LogLevel.Warn && warnings.push(message));
  const project = await app.convert();
  if (!project) throw new Error(warnings.join('\n'));
  for (const [index, module] of project.children.entries()) module.name = entries[index].name;
  app.validate(project);
  await app.generateOutputs(project);
  return {
    warnings,
    undocumented: Object.fromEntries(project.children.map((module) => [module.name, withoutDocstring(module)])),
  };
}

/** The file and the public name of each `exports` entry that has a source. */
function publicEntries() {
  return readdirSync(join(root, 'packages')).flatMap((folder) => entriesOf(join(root, 'packages', folder)));
}

function entriesOf(folder) {
  const { name, exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return Object.entries(exports).flatMap(([path, target]) =>
    target['@lowrank/source'] ? [{ name: name + path.slice(1), file: join(folder, target['@lowrank/source']) }] : [],
  );
}

function withoutDocstring(module) {
  const documented = (reflection) =>
    reflection.hasComment() || (reflection.signatures ?? []).some((signature) => signature.hasComment());
  return module.children
    .filter((reflection) => !reflection.kindOf(ReflectionKind.Reference) && !documented(reflection))
    .map(({ name }) => name);
}
