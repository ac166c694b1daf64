import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isAccepted } from '../../../../scripts/emulators/srs/reply';

const Row = z.object({
  case: z.string(),
  status: z.number(),
  body: z.string(),
  delayMs: z.number(),
  accepted: z.boolean(),
});
const rows = z
  .array(Row)
  .parse(JSON.parse(readFileSync(join(__dirname, '../../../fixtures/srs/srs6-hook-replies.json'), 'utf8')));
/** A reply after SRS's 30 s is no reply. */
const answered = rows.filter(({ delayMs }) => delayMs < 30_000);

describe('the answer to a hook', () => {
  it.each(answered.map((row) => [row.case, row] as const))(
    'counts as SRS 6 counted it: %s',
    (_name, { status, body, accepted }) => {
      expect(isAccepted(status, body)).toBe(accepted);
    },
  );

  it.each(['[0]', 'null', '{"code":0', '{"code":0.5}', ' 0', '00', '{"code":null}'])('refuses %j', (body) => {
    expect(isAccepted(200, body)).toBe(false);
  });
});
