/**
 * Required before functions-framework, which binds every interface and the port it was told: here a function binds
 * loopback and any free port, says which one, and ends with the process that started it.
 */
const { Server } = require('node:net');

const { listen } = Server.prototype;
Server.prototype.listen = function listenOnLoopback(_port, ready) {
  Server.prototype.listen = listen;
  return listen.call(this, 0, '127.0.0.1', () => {
    ready?.();
    process.send({ port: this.address().port });
  });
};
process.once('disconnect', () => process.exit(0));
