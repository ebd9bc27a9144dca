export { layersHost, type LayersHost, type LayersHostOptions } from './layers-host.js';
