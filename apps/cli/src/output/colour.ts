import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Text in a style where the stream is a terminal and neither NO_COLOR nor TERM=dumb speaks against it; else as it is. */
export function styled(style: Style, text: string, stream: NodeJS.WriteStream): string {
  const colours = stream.isTTY === true && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
  return colours ? styleText(style, text, { validateStream: false }) : text;
}
