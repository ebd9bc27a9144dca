import { dataError, kindOf } from './data-error.js';
import { tableEndings } from './endings.js';
import { jsonLines, textAt, valueAt, type JsonLine } from './json-lines.js';
import { tableRecords } from './table-records.js';
import { endsIn } from './text-files.js';

/** One thing to learn from, and the `file:line` or file that it came from. */
export type DataRecord = TextRecord | CompletionRecord | ChatRecord;

/** Text, all of it learned. */
export interface TextRecord {
  format: 'text';
  where: string;
  text: string;
}

/** A prompt, and the completion that is learned. */
export interface CompletionRecord {
  format: 'completion';
  where: string;
  prompt: string;
  completion: string;
}

/** A conversation, of which the assistant's turns are learned. */
export interface ChatRecord {
  format: 'chat';
  where: string;
  /** In order, each with a `role` and what else the chat template reads. */
  messages: Readonly<Record<string, unknown>>[];
  /** Function schemas for the template. */
  tools?: unknown[];
}

export type DataFormat = DataRecord['format'];

export interface RecordOptions {
  /** What each line is; left out, the first line's keys or the table's columns tell. */
  format?: DataFormat | undefined;
  /** The key or column of a text. Default `text`. */
  field?: string | undefined;
}

/**
 * The records of a JSON Lines file, all of one format: `{"text"}`, `{"prompt", "completion"}` or `{"messages"}`, which
 * may come with `"tools"`; or of a `.csv` or `.tsv` table with a column `text`, or `prompt` and `completion`. Other keys
 * and columns are passed over.
 *
 * @param text the whole file; a byte-order mark is fine
 * @param file its name, whose ending tells a table; what messages call it
 * @throws `data-invalid`, naming `file:line`, the reason and what to write
 */
export function parseRecords(text: string, file: string, options: RecordOptions = {}): DataRecord[] {
  if (endsIn(file, tableEndings)) return tableRecords(text, file, options);
  const { format, field = 'text' } = options;
  const lines = jsonLines(text, file, format ? formFix(format, field) : anyFix(field));
  const found = format ?? formatOf(lines[0] as JsonLine, field);
  const fix = found === undefined ? anyFix(field) : formFix(found, field);
  return lines.map((line) => recordOf(line, found ?? 'text', field, fix));
}

function recordOf(line: JsonLine, format: DataFormat, field: string, fix: string): DataRecord {
  const { where } = line;
  switch (format) {
    case 'text':
      return { format, where, text: textAt(line, field, fix) };
    case 'completion':
      return { format, where, prompt: textAt(line, 'prompt', fix), completion: textAt(line, 'completion', fix) };
    case 'chat':
      return { format, where, ...conversation(line, fix) };
    default:
      return format satisfies never;
  }
}

/** Undefined where the keys fit none. */
function formatOf({ object }: JsonLine, field: string): DataFormat | undefined {
  const has = (key: string) => Object.hasOwn(object, key);
  if (has('messages')) return 'chat';
  if (has('completion')) return 'completion';
  return has(field) ? 'text' : undefined;
}

function conversation(line: JsonLine, fix: string): Pick<ChatRecord, 'messages' | 'tools'> {
  const messages = valueAt(line, 'messages', fix);
  if (!Array.isArray(messages)) throw dataError(line.where, `"messages" is ${kindOf(messages)}, not an array`, fix);
  if (messages.length === 0) throw dataError(line.where, '"messages" is empty', fix);
  messages.forEach((message, index) => checkMessage(message, `"messages"[${index}]`, line.where, fix));
  if (!messages.some(({ role }) => role === 'assistant')) {
    throw dataError(line.where, 'no message is of the role "assistant", so there is nothing to learn', fix);
  }
  const { tools } = line.object;
  if (tools === undefined || tools === null) return { messages };
  if (!Array.isArray(tools)) throw dataError(line.where, `"tools" is ${kindOf(tools)}, not an array`, fix);
  return { messages, tools };
}

function checkMessage(message: unknown, name: string, where: string, fix: string): void {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    throw dataError(where, `${name} is ${kindOf(message)}, not an object`, fix);
  }
  const { role, content, tool_calls: calls } = message as Record<string, unknown>;
  if (typeof role !== 'string' || role === '') throw dataError(where, `${name} has no "role"`, fix);
  if (typeof content === 'string') return;
  // A message that only calls tools says nothing.
  if ((content === undefined || content === null) && Array.isArray(calls)) return;
  throw dataError(
    where,
    `the "content" of ${name} is ${content === undefined ? 'missing' : kindOf(content)}, not a string`,
    fix,
  );
}

const forms: Record<DataFormat, (field: string) => string> = {
  text: (field) => `{"${field}": "..."}`,
  completion: () => '{"prompt": "...", "completion": "..."}',
  chat: () => '{"messages": [{"role": "user", "content": "..."}, {"role": "assistant", "content": "..."}]}',
};

const formFix = (format: DataFormat, field: string) => `write one object a line, all such as ${forms[format](field)}`;

const anyFix = (field: string) => {
  const all = Object.values(forms).map((form) => form(field));
  return `write one object a line, all of one form: ${all.join(' or ')}`;
};
