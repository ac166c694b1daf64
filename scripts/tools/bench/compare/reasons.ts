import type { ReasonsByRow } from './comparison';

/** The reasons why a row may be worse than its goal, by its name. */
export const REASONS: ReasonsByRow = {
  'cold start of reconciler, p50':
    'Its first answer is a whole pass, which reads nodes and streams from Firestore; the peer refuses without a call.',
  'a live playlist of 300 segments read, beside hls-parser, p50':
    'Each line is checked, and a fault names its line. It is read once for each event, in 2 ms.',
};
