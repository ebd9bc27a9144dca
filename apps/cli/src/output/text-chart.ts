import { plot } from 'simple-ascii-chart';

type Point = [step: number, loss: number];

export interface TextChartOptions {
  /** In characters, of the whole chart. */
  width: number;
  height: number;
  colours: boolean;
}

/** What the axis on the left takes. */
const axis = 8;

/** Losses over steps as text: a line for the running mean, and one for what is held out. Empty before two steps. */
export function textChart(mean: Point[], heldOut: Point[], { width, height, colours }: TextChartOptions): string {
  const [first, last] = [mean[0]?.[0], mean.at(-1)?.[0]];
  if (first === undefined || last === undefined || last === first) return '';
  const columns = Math.max(10, width - axis - 2);
  const lines = [sampled(mean, columns), sampled(between(heldOut, first, last), columns)].filter(
    (line) => line.length > 1,
  );
  const chart = plot(lines, {
    ...{ width: columns, height, hideXAxis: true },
    formatter: (value) => value.toFixed(3).padStart(axis - 2),
    ...(colours && { color: ['ansiBlue', 'ansiRed'] }),
  });
  return chart
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s*[▲│]\s*$/.test(line))
    .join('\n');
}

/** As many points as there are columns, on straight lines between those given. */
function sampled(points: Point[], columns: number): Point[] {
  if (points.length < 2) return [];
  const [from, to] = [points[0]![0], points.at(-1)![0]];
  let at = 0;
  return Array.from({ length: columns }, (_, column): Point => {
    const x = from + ((to - from) * column) / (columns - 1);
    while (at < points.length - 2 && points[at + 1]![0] < x) at++;
    const [[x0, y0], [x1, y1]] = [points[at]!, points[at + 1]!];
    return [x, y0 + (y1 - y0) * Math.min(1, Math.max(0, (x - x0) / (x1 - x0 || 1)))];
  });
}

function between(points: Point[], first: number, last: number): Point[] {
  return points.filter(([step]) => step >= first - 1 && step <= last);
}
