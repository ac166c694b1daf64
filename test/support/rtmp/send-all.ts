import { connect } from 'node:net';

/** Sends it all and resolves once the other side has closed, or after `patienceMs`. */
export function sendAll(port: number, bytes: Buffer, patienceMs = 3000): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const end = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve();
    };
    const timer = setTimeout(end, patienceMs);
    socket.on('data', () => undefined).on('error', () => undefined);
    socket.once('close', end);
    socket.write(bytes);
  });
}
