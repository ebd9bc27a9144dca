/** A page whose part between `<!-- name -->` and `<!-- /name -->` is `body`. */
export function withPart(page, name, body) {
  const marked = new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- /${name} -->)`);
  return page.replace(marked, (_, start, end) => `${start}\n${body}\n\n${end}`);
}

/** @param lines cells of each line below the heads */
export function table(heads, lines) {
  const line = (cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...lines.map(line)].join('\n');
}
