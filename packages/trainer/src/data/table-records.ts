import { csvColumns, csvRows, type CsvRow } from './csv-rows.js';
import { dataError } from './data-error.js';
import type { DataRecord, RecordOptions } from './record.js';

/**
 * The rows of a table as records: of a column of texts, or of `prompt` and `completion`.
 *
 * @throws `data-invalid`, naming `file:line` and the reason
 */
export function tableRecords(text: string, file: string, { format, field = 'text' }: RecordOptions): DataRecord[] {
  if (format === 'chat')
    throw dataError(file, 'a table holds no conversations', 'write them as JSON Lines, one object a line');
  const found = format ?? (csvColumns(text).includes('completion') ? 'completion' : 'text');
  const columns = found === 'completion' ? ['prompt', 'completion'] : [field];
  return csvRows(text, file, columns).map((row) =>
    found === 'completion'
      ? { format: found, where: row.where, prompt: cell(row, 'prompt'), completion: cell(row, 'completion') }
      : { format: found, where: row.where, text: cell(row, field) },
  );
}

function cell({ where, fields }: CsvRow, column: string): string {
  const value = fields.get(column) as string;
  if (value.trim() !== '') return value;
  throw dataError(where, `"${column}" is empty`, 'fill it in, or take the row out');
}
