// Loaded before a program, it makes tfjs-node a package that is not installed, or whose native part misbehaves.
const Module = require('node:module');

const resolve = Module._resolveFilename;
Module._resolveFilename = function (name, ...rest) {
  if (!name.startsWith('@tensorflow/tfjs-node')) return resolve.call(this, name, ...rest);
  if (process.env.TFJS_NODE === 'crashes') process.abort();
  if (process.env.TFJS_NODE === 'hangs') for (;;);
  throw Object.assign(new Error(`Cannot find module '${name}'`), { code: 'MODULE_NOT_FOUND' });
};
