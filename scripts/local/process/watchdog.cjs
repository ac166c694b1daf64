/**
 * What is left of a stack that was killed outright: when the channel to it breaks, ends the processes it named last and
 * removes its folder. A stack that ends by itself has nothing left for this to do.
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
      // Already gone.
    }
  }
  // The others end by themselves, and may write until they do.
  setTimeout(() => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    process.exit(0);
  }, 300);
});
