export { node, type Node, type NodeCapabilities, type NodeOptions } from './node.js';
