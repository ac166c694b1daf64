import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault, Mend } from '../fault';

const nothing: Mend = () => undefined;

/** Rows of the line between encoder and platform, and of the edge. */
export const NETWORK: readonly Fault[] = [
  {
    name: 'line-cut',
    does: "The encoder's connection is reset; it reconnects.",
    lastsSeconds: 0,
    isFelt: true,
    discontinuities: 1,
    isShort: true,
    strike({ wire }) {
      wire.cut();
      return nothing;
    },
  },
  {
    name: 'line-half-open',
    does: "Nothing passes on the encoder's line for 6 s and nobody is told; then it is reset.",
    lastsSeconds: 6,
    isFelt: true,
    discontinuities: 1,
    strike({ wire }) {
      wire.held = true;
      return () => {
        wire.held = false;
        wire.cut();
      };
    },
  },
  {
    name: 'line-stutters',
    does: 'Nothing passes for 0.4 s of every second, as with lost packets that are sent again.',
    lastsSeconds: 8,
    isFelt: false,
    discontinuities: 0,
    strike({ wire }) {
      const timer = setInterval(() => {
        wire.held = true;
        setTimeout(() => {
          wire.held = false;
        }, 400);
      }, 1000);
      return async () => {
        clearInterval(timer);
        await sleep(400);
        wire.held = false;
      };
    },
  },
  {
    name: 'line-too-slow',
    does: "The encoder's line carries half of what it sends.",
    lastsSeconds: 6,
    isFelt: true,
    discontinuities: 0,
    strike({ wire }) {
      wire.limit = 24_000;
      return () => {
        wire.limit = Number.POSITIVE_INFINITY;
      };
    },
  },
  {
    name: 'edge-down',
    does: 'The load balancer does not answer for 4 s.',
    lastsSeconds: 4,
    isFelt: true,
    discontinuities: 0,
    strike: async ({ controls: { outages } }) => {
      await outages.edge.stop();
      return () => outages.edge.start();
    },
  },
  {
    name: 'line-cut-while-hooks-are-down',
    does: 'The encoder is cut off while nobody can admit it; the hooks function comes back after 6 s.',
    lastsSeconds: 6,
    isFelt: true,
    discontinuities: 1,
    strike: async ({ controls: { functions }, wire }) => {
      await functions.stopFunction('srs-hooks');
      wire.cut();
      return () => functions.startFunction('srs-hooks');
    },
  },
  {
    name: 'line-cut-while-the-database-is-down',
    does: 'The encoder is cut off while Firestore does not answer for 6 s.',
    lastsSeconds: 6,
    isFelt: true,
    discontinuities: 1,
    strike: async ({ controls: { outages }, wire }) => {
      await outages.database.stop();
      wire.cut();
      return () => outages.database.start();
    },
  },
];
