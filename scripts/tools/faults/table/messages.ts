import { type EventFaults, NO_EVENT_FAULTS } from '../../../emulators/server/event-faults';
import type { Fault, Scene } from '../fault';

type Way = (scene: Scene) => EventFaults;

const events: Way = ({ controls }) => controls.eventFaults;
const messages: Way = ({ controls }) => controls.messageFaults;

const onTheWay = (name: string, does: string, way: Way, change: Partial<EventFaults>, isShort = false): Fault => ({
  name,
  does,
  lastsSeconds: 8,
  isFelt: way === events && (change.lossRate !== undefined || change.delay !== undefined),
  discontinuities: 0,
  isShort,
  strike(scene) {
    const faults = way(scene);
    Object.assign(faults, change);
    return () => Object.assign(faults, NO_EVENT_FAULTS);
  },
});

/** Rows of events from Cloud Storage and of Pub/Sub's messages. */
export const MESSAGES: readonly Fault[] = [
  onTheWay('events-late', 'Storage events come 5 s late.', events, { delay: 5000 }),
  onTheWay('events-doubled', 'Each storage event comes twice.', events, { duplicateRate: 1 }),
  onTheWay('events-lost', 'No storage event comes.', events, { lossRate: 1 }, true),
  onTheWay('events-half-lost', 'Every second storage event is lost.', events, { lossRate: 0.5 }),
  onTheWay('events-reordered', 'Half of the storage events are overtaken.', events, { reorderRate: 0.5 }),
  onTheWay('messages-late', "Pub/Sub's messages come 5 s late.", messages, { delay: 5000 }),
  onTheWay('messages-doubled', "Each of Pub/Sub's messages comes twice.", messages, { duplicateRate: 1 }),
  onTheWay('messages-lost', "None of Pub/Sub's messages comes.", messages, { lossRate: 1 }),
  {
    name: 'messages-away',
    does: 'Pub/Sub does not answer.',
    lastsSeconds: 6,
    isFelt: false,
    discontinuities: 0,
    strike: async ({ controls }) => {
      await controls.outages.messages.stop();
      return () => controls.outages.messages.start();
    },
  },
];
