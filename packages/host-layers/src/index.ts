export { LayersHost, type LayersHostOptions } from './layers-host.js';
