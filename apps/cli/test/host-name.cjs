// Gives the process, and those that it starts, another name of their machine: HOST_NAME=name.
const os = require('node:os');
const { syncBuiltinESMExports } = require('node:module');

os.hostname = () => process.env.HOST_NAME;
syncBuiltinESMExports();
