import { parseTemplate, renderBounded } from './bounded-template.js';

/** Noncharacters, which Unicode leaves to a program's own use: no text should hold them. */
const [opens, closes] = ['\uFDD0', '\uFDD1'];

const macro = `{% macro lowrank_generation() %}{{ "${opens}" }}{{ caller() }}{{ "${closes}" }}{% endmacro %}`;

/** A parsed template, and whether it says with `{% generation %}` what the assistant speaks. */
export interface MarkedTemplate {
  /** Throws as `renderBounded`. */
  render(items: Record<string, unknown>): string;
  marked: boolean;
}

/**
 * A template that marks what its `{% generation %}` blocks enclose. They become calls of a macro, as they are in
 * transformers: the same white space is trimmed and what is set inside stays inside.
 *
 * @param given what messages call the template
 */
export function withGenerationMarks(source: string, given: string): MarkedTemplate {
  const calls = source
    .replace(/\{%(-?)\s*generation\s*(-?)%\}/g, '{%$1 call lowrank_generation() $2%}')
    .replace(/\{%(-?)\s*endgeneration\s*(-?)%\}/g, '{%$1 endcall $2%}');
  const program = parseTemplate(calls);
  const marked = calls !== source;
  if (marked) program['body'].unshift(...parseTemplate(macro)['body']);
  return { marked, render: (items) => renderBounded(program, items, given) };
}

/** The text without its marks and the spans between them. Throws where a message brought marks of its own. */
export function generationSpans(rendered: string): { text: string; spans: [from: number, to: number][] } {
  const parts = rendered.split(new RegExp(`([${opens}${closes}])`));
  const spans: [number, number][] = [];
  let [text, from] = ['', -1];
  for (const part of parts) {
    if (part !== opens && part !== closes) {
      text += part;
    } else if ((part === opens) !== from < 0) {
      throw new Error('a message holds U+FDD0 or U+FDD1, which are no characters');
    } else {
      if (part === closes) spans.push([from, text.length]);
      from = part === opens ? text.length : -1;
    }
  }
  return { text, spans };
}
