// Ends the process as `kill -9` does, just before the nth time that it renames or removes a file: KILLED_AT=n.
const fs = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');

let calls = 0;
for (const name of ['rename', 'rm']) {
  const call = fs.promises[name];
  fs.promises[name] = (...args) => {
    calls += 1;
    if (calls === Number(process.env.KILLED_AT)) process.kill(process.pid, 'SIGKILL');
    return call(...args);
  };
}
syncBuiltinESMExports();
