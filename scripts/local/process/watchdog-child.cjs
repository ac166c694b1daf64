/**
 * The watcher of a stack that may be killed: when the channel to it breaks, it ends the processes that the stack named
 * last and removes its folder. After a stack that ends by itself it has nothing to do.
 */
const { rmSync } = require('node:fs');

const [, , folder] = process.argv;
let pids = [];
process.on('message', (message) => {
  pids = message.pids;
});
process.once('disconnect', () => {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It is already gone.
    }
  }
  // The others end by themselves, and may write until they do.
  setTimeout(() => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    process.exit(0);
  }, 300);
});
