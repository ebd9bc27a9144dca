import { reportTable, tolerances, type Report } from '@lowrank/conformance';

/** The page of the docs that says what each backend passes, from reports of real runs. */
export function page(reports: Report[]): string {
  const reasons = Object.entries(tolerances).map(([op, { because }]) => `- \`${op}\`: ${because}`);
  return `# What each backend passes

Every op of \`@lowrank/core\`, forward and gradient, and whole training steps, held against float64 by
[\`@lowrank/conformance\`](../packages/conformance/README.md). A cell says how many cases passed of those that ran, and whether
the op ran on a kernel of the backend's own or is composed from TensorFlow.js's ops. This page is written by
\`pnpm run conformance\`; a test holds it to what the same runs give.

${reportTable(reports, { errors: false })}

## Why these tolerances

A value may be off by the first number, plus the second times the largest value of its tensor.

${reasons.join('\n')}
`;
}
