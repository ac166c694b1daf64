export { freePort } from '../../scripts/bench/free-port';
