import { parseSync, Visitor } from 'oxc-parser';

/** @returns every module that a source names, in `import`, `export … from`, `import()` and `import('…')` types. */
export function importsOf(file: string, text: string): string[] {
  const { module, program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
  const found = module.staticImports.map((statement) => statement.moduleRequest.value);
  for (const { entries } of module.staticExports) {
    for (const { moduleRequest } of entries) if (moduleRequest) found.push(moduleRequest.value);
  }
  const literal = (source: { type: string; value?: unknown }) => {
    if (source.type === 'Literal' && typeof source.value === 'string') found.push(source.value);
  };
  new Visitor({
    ImportExpression: ({ source }) => literal(source),
    TSImportType: ({ source }) => literal(source),
  }).visit(program);
  return [...new Set(found)];
}
