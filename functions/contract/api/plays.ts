import { z } from 'zod';
import { GrantId } from '../grants';
import { PlayId, PlayKind } from '../hooks/media';
import { NodeId } from '../ids';

/** A viewer's connection to a node, as the API shows it. No address: nobody's identity is kept. */
const Play = z
  .object({
    id: PlayId,
    kind: PlayKind,
    since: z.iso.datetime(),
    nodeId: NodeId,
    grantId: GrantId.optional().meta({ description: 'The grant of the viewer, if the stream is gated.' }),
  })
  .meta({ id: 'Play' });

export const PlayList = z.object({ plays: z.array(Play) }).meta({ id: 'PlayList' });
export const EndedAnswer = z.object({ ended: z.int().nonnegative() }).meta({ id: 'Ended' });
