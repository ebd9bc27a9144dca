import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The repository. */
export const root = at('../../..');
/** This package. */
export const site = at('..');
/** Markdown as the generator reads it, made anew by each build. */
export const pages = at('../.pages');
/** The site as it can be served. */
export const dist = at('../dist');
