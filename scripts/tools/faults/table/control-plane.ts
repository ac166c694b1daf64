import { setTimeout as sleep } from 'node:timers/promises';
import { type FirestoreFaults, NO_FIRESTORE_FAULTS } from '../../../emulators/firestore';
import type { StackControls } from '../../../local/stack-options';
import type { Fault } from '../fault';
import { freeze } from '../freeze';

const FUNCTIONS = ['api', 'srs-hooks', 'hls-publisher', 'reconciler'] as const;
type FunctionPart = (typeof FUNCTIONS)[number];

const database = (name: string, does: string, change: Partial<FirestoreFaults>, isShort = false): Fault => ({
  name,
  does,
  lastsSeconds: 8,
  isFelt: true,
  discontinuities: 0,
  isShort,
  strike({ controls }) {
    Object.assign(controls.databaseFaults, change);
    return () => Object.assign(controls.databaseFaults, NO_FIRESTORE_FAULTS);
  },
});

const away = (name: string, does: string, part: keyof StackControls['outages'], isFelt: boolean): Fault => ({
  name,
  does,
  lastsSeconds: 6,
  isFelt,
  discontinuities: 0,
  strike: async ({ controls }) => {
    await controls.outages[part].stop();
    return () => controls.outages[part].start();
  },
});

const down = (part: FunctionPart, isFelt: boolean): Fault => ({
  name: `${part}-down`,
  does: `The function ${part} answers 503.`,
  lastsSeconds: 6,
  isFelt,
  discontinuities: 0,
  strike: async ({ controls: { functions } }) => {
    await functions.stopFunction(part);
    return () => functions.startFunction(part);
  },
});

const hangs = (part: FunctionPart, isFelt: boolean, isShort = false): Fault => ({
  name: `${part}-frozen`,
  does: `The function ${part} hangs.`,
  lastsSeconds: 6,
  isFelt,
  discontinuities: 0,
  isShort,
  strike: (scene) => freeze(scene.pid(part)),
});

/** Rows of functions, the database and the metadata server. */
export const CONTROL_PLANE: readonly Fault[] = [
  away('database-down', 'Firestore does not answer.', 'database', true),
  database('database-slow', 'Each call takes Firestore 1.5 s.', { delayMs: 1500 }),
  database('database-contended', 'Half of the commits are aborted by others.', { abortRate: 0.5 }, true),
  database('database-half-away', 'Every second call is UNAVAILABLE.', { unavailableRate: 0.5 }),
  away('metadata-away', 'The metadata server does not answer.', 'metadata', false),
  down('srs-hooks', false),
  hangs('srs-hooks', false, true),
  down('hls-publisher', true),
  hangs('hls-publisher', true),
  down('api', false),
  hangs('api', false),
  down('reconciler', false),
  {
    name: 'functions-killed',
    does: 'Every function is killed at once; each comes back by itself.',
    lastsSeconds: 1,
    isFelt: true,
    discontinuities: 0,
    strike: async ({ controls: { functions } }) => {
      await Promise.all(FUNCTIONS.map((part) => functions.crashFunction(part)));
      return () => undefined;
    },
  },
  {
    name: 'hls-publisher-crash-loop',
    does: 'The function hls-publisher is killed three times, two seconds apart.',
    lastsSeconds: 0,
    isFelt: true,
    discontinuities: 0,
    strike: async ({ controls: { functions } }) => {
      for (let times = 0; times < 3; times++) {
        await functions.crashFunction('hls-publisher');
        await sleep(2000);
      }
      return () => undefined;
    },
  },
  {
    name: 'functions-deployed',
    does: 'Each function is stopped and started anew, one after the other, as a deploy of all does.',
    lastsSeconds: 0,
    isFelt: true,
    discontinuities: 0,
    strike: async ({ controls: { functions } }) => {
      for (const part of FUNCTIONS) {
        await functions.stopFunction(part);
        await functions.startFunction(part);
      }
      return () => undefined;
    },
  },
];
