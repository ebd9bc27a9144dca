import { Template } from '@huggingface/jinja';

/** Noncharacters, which Unicode leaves to a program's own use: no text holds them. */
const [opens, closes] = ['\uFDD0', '\uFDD1'];

const macro = `{% macro lowrank_generation() %}{{ "${opens}" }}{{ caller() }}{{ "${closes}" }}{% endmacro %}`;

/**
 * A template that marks what its `{% generation %}` blocks enclose. They become calls of a macro, as they are in
 * transformers: the same white space is trimmed and what is set inside stays inside.
 */
export function withGenerationMarks(source: string): Template {
  const calls = source
    .replace(/\{%(-?)\s*generation\s*(-?)%\}/g, '{%$1 call lowrank_generation() $2%}')
    .replace(/\{%(-?)\s*endgeneration\s*(-?)%\}/g, '{%$1 endcall $2%}');
  const template = new Template(calls);
  if (calls !== source) template.parsed.body.unshift(...new Template(macro).parsed.body);
  return template;
}

/** The text without its marks and the spans between them, undefined where there is none. */
export function generationSpans(marked: string): { text: string; spans: [number, number][] | undefined } {
  const parts = marked.split(new RegExp(`[${opens}${closes}]`));
  if (parts.length === 1) return { text: marked, spans: undefined };
  const spans: [number, number][] = [];
  let at = 0;
  parts.forEach((part, index) => {
    if (index % 2 === 1) spans.push([at, at + part.length]);
    at += part.length;
  });
  return { text: parts.join(''), spans };
}
