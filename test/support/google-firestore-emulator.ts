import * as emulator from './google-emulator';

export type { RunningEmulator } from './google-emulator';
export const findEmulator = () => emulator.findEmulator(emulator.FIRESTORE_EMULATOR);
export const startEmulator = (jar: string) => emulator.startEmulator(emulator.FIRESTORE_EMULATOR, jar);
