export { runConformance, type CaseResult, type ConformanceOptions, type Report } from './run-conformance.js';
export { reportTable, type ReportTableOptions } from './report-table.js';

export { conformanceCases } from './cases.js';
export type { ConformanceCase } from './conformance-case.js';
export { shareOf, type Outcome } from './outcome.js';
export { tolerances, type Op, type Tolerance } from './tolerances.js';
