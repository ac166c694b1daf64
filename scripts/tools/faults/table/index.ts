import type { Fault } from '../fault';
import { CLIENTS } from './clients';
import { CONTROL_PLANE } from './control-plane';
import { MESSAGES } from './messages';
import { NETWORK } from './network';
import { NODE } from './node';
import { STORAGE } from './storage';

/** The fault table: every row is executed by `npm run faults`. */
export const FAULTS: readonly Fault[] = [...STORAGE, ...MESSAGES, ...CONTROL_PLANE, ...NODE, ...NETWORK, ...CLIENTS];
