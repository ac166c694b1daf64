import { z } from 'zod';
import { StreamId } from '../ids';
import { eachReadable } from '../readable';
import { NodeMark } from './edges';

/** An edge that has a copy of a stream; `edge`: its mark. */
const CopyLocation = z.object({ edge: NodeMark, agentUrl: z.url() });

/** The node that a stream is published to now: the base URL of that node's agent, in the VPC. */
export const StreamLocation = z.object({
  streamId: StreamId,
  agentUrl: z.url(),
  /** The edges that have it, the one with the most room first; absent: none. */
  copies: z.array(CopyLocation).optional(),
});
export type StreamLocation = z.infer<typeof StreamLocation>;

/** Every stream that is published now, for nodes that are asked for a stream they do not have. */
export const StreamLocations = z.object({ locations: eachReadable(StreamLocation) });
export type StreamLocations = z.infer<typeof StreamLocations>;
