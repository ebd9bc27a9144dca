/** The points as a Markdown table, with the largest error of each backend and shape below. */
export function markdown({ points }) {
  const done = points.filter(({ because }) => !because);
  const rows = done.map((point) => {
    const { backend, shape, batch, seq, memory, seconds, predictedSeconds } = point;
    const cells = [
      ...[backend, shape, batch, seq],
      mebi(memory.predicted),
      memory.measured === null ? '' : mebi(memory.measured),
      memory.measured === null ? '' : off(memory.predicted, memory.measured),
      ms(predictedSeconds),
      ms(seconds),
      off(predictedSeconds, seconds),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const absent = points
    .filter(({ because }) => because)
    .map(({ backend, shape, batch, seq, because }) => `${backend}, ${shape}, ${batch} x ${seq}: ${because}`);
  return [
    '| backend | shape | batch | seq | MiB predicted | measured | off | ms predicted | measured | off |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
    ...worst(done),
    ...absent,
  ];
}

function worst(points) {
  return [...new Set(points.map(nameOf))].map((name) => {
    const group = points.filter((point) => nameOf(point) === name);
    const memory = group.filter(({ memory }) => memory.measured !== null);
    const most = (errors) => (errors.length > 0 ? `${(100 * Math.max(...errors)).toFixed(1)} %` : 'not measured');
    const byMemory = most(memory.map(({ memory: { predicted, measured } }) => error(predicted, measured)));
    return `${name}: at most ${byMemory} off in memory, ${most(group.map((p) => error(p.predictedSeconds, p.seconds)))} in time`;
  });
}

/** Predicted against measured, memory to the left and time to the right, both on logarithmic axes, as an SVG. */
export function chart({ points }) {
  const done = points.filter(({ because }) => !because);
  const memory = done.filter(({ memory }) => memory.measured !== null);
  const names = [...new Set(done.map(nameOf))];
  const parts = [
    panel(40, 'peak memory, MiB', memory, (point) => [
      point.memory.measured / 2 ** 20,
      point.memory.predicted / 2 ** 20,
    ]),
    panel(440, 'step, ms', done, (point) => [1000 * point.seconds, 1000 * point.predictedSeconds]),
  ];
  const legend = names.map(
    (name, at) =>
      `<circle cx="${60 + 190 * at}" cy="396" r="4" fill="${colour(name, names)}"/>` +
      `<text x="${70 + 190 * at}" y="400">${name}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 820 420" font-family="sans-serif" font-size="12">${parts.join('')}${legend.join('')}</svg>\n`;

  function panel(left, title, shown, of) {
    const pairs = shown.map(of);
    const logs = pairs.flat().map(Math.log10);
    const [low, high] = logs.length > 0 ? [Math.floor(Math.min(...logs)), Math.ceil(Math.max(...logs) + 1e-9)] : [0, 1];
    const place = (value) => (320 * (Math.log10(value) - low)) / (high - low);
    const ticks = Array.from({ length: high - low + 1 }, (_, step) => low + step);
    const dots = shown.map((point, at) => {
      const [x, y] = pairs[at].map(place);
      return `<circle cx="${(left + x).toFixed(1)}" cy="${(350 - y).toFixed(1)}" r="4" fill="${colour(nameOf(point), names)}" fill-opacity="0.7"/>`;
    });
    const marks = ticks.map((power) => {
      const at = place(10 ** power);
      return `<text x="${left + at}" y="366" text-anchor="middle">${10 ** power}</text><text x="${left - 4}" y="${354 - at}" text-anchor="end">${10 ** power}</text>`;
    });
    return `<g><text x="${left}" y="20">${title}: predicted over measured</text><rect x="${left}" y="30" width="320" height="320" fill="none" stroke="#999"/><line x1="${left}" y1="350" x2="${left + 320}" y2="30" stroke="#999"/>${marks.join('')}${dots.join('')}</g>`;
  }
}

const nameOf = ({ backend, shape }) => `${backend}, ${shape}`;
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];
const colour = (name, names) => colours[names.indexOf(name) % colours.length];
const error = (predicted, measured) => Math.abs(predicted / measured - 1);
const off = (predicted, measured) => `${(100 * (predicted / measured - 1)).toFixed(1)} %`;
const mebi = (bytes) => (bytes / 2 ** 20).toFixed(1);
const ms = (seconds) => (1000 * seconds).toFixed(1);
