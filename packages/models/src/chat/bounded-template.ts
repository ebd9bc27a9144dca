import { Template } from '@huggingface/jinja';
import { LowrankError } from '@lowrank/core';
import { BoundedInterpreter } from './bounded-interpreter.js';
import { globals } from './globals.js';
import type { Node } from './readings.js';
import { Work } from './work.js';

/** The longest template that is read, in UTF-16 units; those of published models have some 20,000 at most. */
const longest = 2 ** 17;
/** The longest run of blanks in one: the library looks for a tag after each of them. */
const mostBlanks = 2000;

/** A parsed template. Throws an `Error` for a source that does not parse, or is longer than any template should be. */
export function parseTemplate(source: string): Node {
  if (source.length > longest) throw new Error(`it has ${source.length} characters, and ${longest} is the most`);
  if (new RegExp(`\\s{${mostBlanks + 1}}`).test(source)) throw new Error(`it has more than ${mostBlanks} blanks in a row`);
  return new Template(source).parsed as Node;
}

/** What a template may cost on its own, and for each character that it is given: see `BoundedInterpreter`. */
const [ownWork, workOfCharacter] = [5e6, 100];

/**
 * A template filled in with at most some seconds of work, in proportion to what it is filled with: whatever it loops over,
 * repeats or nests. Throws `file-invalid` where it asks for more, an `Error` where it fails otherwise.
 *
 * @param given what messages call the template
 */
export function renderBounded(program: Node, items: Record<string, unknown>, given: string): string {
  const size = JSON.stringify(items)?.length ?? 0;
  const work = new Work(ownWork + workOfCharacter * size, () => overrun(given, size));
  return new BoundedInterpreter(program, globals(items, work), work).run(program).value as string;
}

function overrun(given: string, size: number): LowrankError {
  return new LowrankError('file-invalid', {
    given,
    rule: `on a conversation of ${size} characters it does more than any template has to: a loop, a text or a list in it grows without bound`,
    fix: 'take the template from where the model was published, or shorten the conversation',
  });
}
