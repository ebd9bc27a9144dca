import { InvalidArgumentError } from 'commander';

const units: Record<string, number> = {
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** An option's text as bytes: `8GiB`, `512 MB`, `1.5GiB`. */
export function byteCount(text: string): number {
  const [, value, unit] = /^\s*(\d+(?:\.\d+)?)\s*([KMGT]i?B)\s*$/i.exec(text) ?? [];
  const factor = Object.entries(units).find(([name]) => name.toLowerCase() === unit?.toLowerCase())?.[1];
  const bytes = Math.floor(Number(value) * (factor ?? Number.NaN));
  if (bytes > 0 && Number.isSafeInteger(bytes)) return bytes;
  throw new InvalidArgumentError(`It is an amount above 0 with its unit, such as 8GiB or 512MB.`);
}
