import { errnoOf } from '../../emulators/server/errno';

/** Returns whether there is a process of this id, of any owner. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
}
