import { z } from 'zod';
import { BudgetRules } from '../../functions/contract/budget';
import { IdentityProvider } from '../../functions/contract/identity';
import { ApiLimits } from '../../functions/contract/limits';
import { email, like, sound } from './fields';

const country = like(/^[A-Z]{2}$/, 'use a country as ISO 3166 has it, such as DE');
const countries = {
  onlyCountries: z.array(country).max(50).describe('Nobody outside these countries may watch; empty: all countries may.'),
  deniedCountries: z.array(country).max(50).describe('Nobody in these countries may watch.'),
};

/** Who may watch, and how long the CDN keeps what is signed. */
export const playback = {
  // A playlist is cached for a second: half a segment at most, or viewers fall behind the live edge.
  segmentSeconds: z.int().min(2).max(10).describe('Length of a segment, which encoders meet by a keyframe every 1 or 2 s.'),
  signedPlaylistSeconds: z
    .int()
    .min(0)
    .max(10)
    .describe('How long the CDN keeps a signed playlist: it ignores Cache-Control on signed answers.'),
  signedSegmentSeconds: z.int().min(60).max(86_400).describe('How long it keeps a signed segment.'),
  signingKeys: z
    .int()
    .min(2, 'gated streams are signed, and a rotation needs a second key: use 2 or 3')
    .max(3)
    .describe('Signing keys that are live at a time: one signs, one is on its way out. Cloud CDN takes three.'),
  grantsPerStream: z
    .int()
    .min(1)
    .max(1_000_000)
    .describe('Playback grants of one stream that are unexpired at a time: bounds what a stolen API key can hand out.'),
  ...countries,
  deniedRanges: z
    .array(z.union([z.cidrv4(), z.cidrv6()], 'use a network, such as 192.0.2.0/24 or 2001:db8::/32'))
    .max(100)
    .describe('Networks that may neither watch nor call the API.'),
};
export const Playback = z
  .strictObject(playback)
  .refine(({ segmentSeconds, signedPlaylistSeconds }) => signedPlaylistSeconds <= segmentSeconds / 2, {
    path: ['signedPlaylistSeconds'],
    message: 'must be at most half of segmentSeconds, or viewers fall behind the live edge',
    when: sound({ segmentSeconds: playback.segmentSeconds, signedPlaylistSeconds: playback.signedPlaylistSeconds }),
  })
  .refine(({ onlyCountries, deniedCountries }) => onlyCountries.length === 0 || deniedCountries.length === 0, {
    path: ['deniedCountries'],
    message: 'must be empty where onlyCountries says who may',
    when: sound(countries),
  });

export const Api = z.strictObject({
  requestsPerMinute: z.int().min(60).max(100_000).describe('Requests a minute that one address may make; more are answered 429.'),
  limits: ApiLimits.describe('What callers of the API may have, and ask.'),
  wafPreview: z
    .boolean()
    .describe(
      "True: Google's rules against scanners and injections look at the API and log what they would refuse; they refuse nothing.",
    ),
  identityProvider: IdentityProvider.optional().describe("Whose JWTs are taken besides API keys; absent: nobody's."),
});

const share = z.number().gt(0).max(5);
const recipients = {
  emails: z.array(email).max(5).describe('Who is told of thresholds, and of every alert.'),
  billingAdministrators: z.boolean().describe('Whether those who administer the billing account are told of thresholds too.'),
};

/** https://cloud.google.com/billing/docs/how-to/budgets */
export const Budget = z
  .strictObject({
    billingAccount: like(/^[0-9A-F]{6}(-[0-9A-F]{6}){2}$/, 'use a billing account: 012345-6789AB-CDEF01').describe(
      'The one that pays for the project.',
    ),
    amount: z.int().min(1).max(10_000_000).describe("A month's, in whole units of the billing account's currency."),
    currency: like(/^[A-Z]{3}$/, 'use an ISO 4217 currency, such as EUR').describe("The billing account's."),
    current: z
      .array(share)
      .min(1)
      .max(10)
      .describe('Shares of the amount (1 is all of it) at which somebody is told, once spent.'),
    forecast: z.array(share).max(10).describe('The same, once forecast for the month.'),
    stages: BudgetRules.describe('What the platform does about it by itself, from which share on; stages and shares both rise.'),
    ...recipients,
  })
  .refine(({ emails, billingAdministrators }) => emails.length > 0 || billingAdministrators, {
    path: ['emails'],
    message: 'must name somebody where billingAdministrators is false, or nobody learns of the threshold',
    when: sound(recipients),
  });

export const Logs = z.strictObject({
  /** https://cloud.google.com/logging/docs/buckets#custom-retention */
  retentionDays: z.int().min(1).max(3650).describe('Days logs are kept.'),
  cdnSample: z
    .number()
    .min(0)
    .max(1)
    .describe("Share of the CDN's answers below 400 that is logged; all others always are. Cloud Logging bills by the byte."),
});
