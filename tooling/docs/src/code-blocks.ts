/** One TypeScript block of a Markdown file. */
export interface CodeBlock {
  /** Where its fence stands, as `README.md:38`. */
  place: string;
  code: string;
  /** Whether it is for a page: its fence says `ts browser`. */
  browser: boolean;
  /** The `text` block that follows it, where one does. */
  output?: string;
}

const fence = /^```(\w*)( browser)?\n(.*?)^```$/gms;

/** @returns the `ts` blocks of a Markdown text, each with the `text` block that is the next after it. */
export function codeBlocks(path: string, markdown: string): CodeBlock[] {
  const fences = [...markdown.matchAll(fence)].map(([, language, browser, body = ''], index, all) => ({
    language,
    browser: browser !== undefined,
    body,
    line: markdown.slice(0, all[index]?.index).split('\n').length,
  }));
  return fences.flatMap(({ language, browser, body, line }, index) => {
    if (language !== 'ts') return [];
    const next = fences[index + 1];
    const block = { place: `${path}:${line}`, code: body, browser };
    return next?.language === 'text' ? [{ ...block, output: next.body }] : [block];
  });
}
