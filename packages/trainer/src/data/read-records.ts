import { dataError } from './data-error.js';
import { lineEndings, plainEndings, tableEndings } from './endings.js';
import { parseRecords, type DataRecord, type RecordOptions } from './record.js';
import { endsIn, readTextFiles } from './text-files.js';

/**
 * Reads what to train on, Node only: a `.txt` or `.md` file is one text, a `.jsonl` or `.ndjson` file a record a line,
 * a `.csv` or `.tsv` file a record a row (see `parseRecords`); of a folder, those files that lie in it, by name. All are
 * of one format.
 *
 * @throws `file-missing`; `data-invalid` for another ending, bytes that are not UTF-8, an empty file, a bad line, or
 *   formats that differ
 */
export async function readRecords(paths: string[], options: RecordOptions = {}): Promise<DataRecord[]> {
  const files = await readTextFiles(paths, [...plainEndings, ...lineEndings, ...tableEndings], 'data to train on');
  const records = files.flatMap(({ file, content }): DataRecord[] =>
    endsIn(file, plainEndings)
      ? [{ format: 'text', where: file, text: content }]
      : parseRecords(content, file, options),
  );
  const wanted = options.format ?? records[0]?.format;
  const other = records.find(({ format }) => format !== wanted);
  if (!other) return records;
  const first = options.format ? `the format asked for is ${wanted}` : `${records[0]?.where} is ${wanted}`;
  throw dataError(other.where, `it is ${other.format}, and ${first}`, 'give data of one format at a time');
}
