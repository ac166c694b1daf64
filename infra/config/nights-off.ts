import { z } from 'zod';
import { like } from './fields';

const hour = (minutes: string) => like(new RegExp(`^([01][0-9]|2[0-3]):${minutes}$`), 'use HH:MM, minutes 00 to 57');

/** The hours of the night in which no node runs, where no viewer watches then. */
export const NightsOffConfig = z.strictObject({
  stopAt: hour('([0-4][0-9]|5[0-7])').describe(
    'The time at which nodes are stopped every day. Publishers are disconnected.',
  ),
  startAt: hour('([0-4][0-9]|5[0-7])').describe('Nodes are started at this time.'),
  timeZone: like(/^[A-Z][A-Za-z]+(\/[A-Za-z_+-]+[0-9]*)*$/, 'use a time zone, such as Europe/Berlin').describe(
    'The time zone of both times.',
  ),
  weekendsToo: z.boolean().describe('True: no start on Saturday and Sunday.'),
});
export type NightsOffConfig = z.output<typeof NightsOffConfig>;
