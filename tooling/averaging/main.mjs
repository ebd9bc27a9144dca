// What a round of workers costs on a network, into docs/averaging.md: arithmetic from shapes.
import { fill } from './fill.mjs';
import { networkTable, speedUpTable } from './networks.mjs';

await fill('networks', networkTable());
await fill('speed-ups', speedUpTable());
