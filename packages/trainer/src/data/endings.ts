/** Of files that are one text each. */
export const plainEndings = ['.txt', '.md'];

/** Of files with an object a line. */
export const lineEndings = ['.jsonl', '.ndjson'];

/** Of files with a header and a row a line. */
export const tableEndings = ['.csv', '.tsv'];
