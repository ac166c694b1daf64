import { z } from 'zod';
import { BudgetRules } from '../../functions/contract/budget';
import { IdentityProvider } from '../../functions/contract/identity';
import { ApiLimits, FlvViewers } from '../../functions/contract/limits';
import { email, like, sound } from './fields';

const country = like(/^[A-Z]{2}$/, 'use a country as ISO 3166 has it, such as DE');
const countries = {
  onlyCountries: z
    .array(country)
    .max(50)
    .describe('The countries in which viewers may watch. If the list is empty, all countries are allowed.'),
  deniedCountries: z.array(country).max(50).describe('The countries in which viewers may not watch.'),
};

/** Rules about who may watch, and how long the CDN keeps what is signed. */
const playback = {
  // A playlist is cached for a second: half a segment at most, or viewers fall behind the live edge.
  segmentSeconds: z
    .int()
    .min(2)
    .max(10)
    .describe('The length of a segment in seconds. Encoders meet it with a keyframe every 1 or 2 s.'),
  signedPlaylistSeconds: z
    .int()
    .min(0)
    .max(10)
    .describe(
      'The time in seconds that the CDN caches a signed playlist. It ignores Cache-Control on signed responses.',
    ),
  signedSegmentSeconds: z
    .int()
    .min(60)
    .max(86_400)
    .describe('The time in seconds that the CDN caches a signed segment.'),
  signingKeys: z
    .int()
    .min(2, 'gated streams are signed, and a rotation needs a second key: use 2 or 3')
    .max(3)
    .describe(
      'The number of valid signing keys: one signs, and the previous one is still verified. Cloud CDN allows three.',
    ),
  flvViewers: FlvViewers.describe(
    'The HTTP-FLV viewers of a media node. Each viewer costs the node a whole stream. 0 disables HTTP-FLV.',
  ),
  grantsPerStream: z
    .int()
    .min(1)
    .max(1_000_000)
    .describe('The maximum number of unexpired grants of one stream. It limits the damage of a stolen API key.'),
  ...countries,
  deniedRanges: z
    .array(z.union([z.cidrv4(), z.cidrv6()], 'use a network, such as 192.0.2.0/24 or 2001:db8::/32'))
    .max(100)
    .describe('The networks that may neither watch nor call the API.'),
};
export const PlaybackConfig = z
  .strictObject(playback)
  .refine(({ segmentSeconds, signedPlaylistSeconds }) => signedPlaylistSeconds <= segmentSeconds / 2, {
    path: ['signedPlaylistSeconds'],
    message: 'must be at most half of segmentSeconds, or viewers fall behind the live edge',
    when: sound({ segmentSeconds: playback.segmentSeconds, signedPlaylistSeconds: playback.signedPlaylistSeconds }),
  })
  .refine(({ onlyCountries, deniedCountries }) => onlyCountries.length === 0 || deniedCountries.length === 0, {
    path: ['deniedCountries'],
    message: 'must be empty where onlyCountries is set',
    when: sound(countries),
  });

export const Api = z.strictObject({
  requestsPerMinute: z
    .int()
    .min(60)
    .max(100_000)
    .describe('The maximum number of requests per minute from one address. Further requests are answered with 429.'),
  limits: ApiLimits.describe('The limits for callers of the API.'),
  wafPreview: z
    .boolean()
    .describe(
      "True: Google's rules against scanners and injections inspect API requests and log the ones that they would " +
        'refuse. They do not refuse any.',
    ),
  identityProvider: IdentityProvider.optional().describe(
    'The identity provider whose JWTs are accepted in addition to API keys. If absent, JWTs are refused.',
  ),
});

const share = z.number().gt(0).max(5);
const recipients = {
  emails: z.array(email).max(5).describe('The addresses that receive budget thresholds and all alerts.'),
  billingAdministrators: z
    .boolean()
    .describe('Whether the administrators of the billing account also receive budget thresholds.'),
};

/** https://cloud.google.com/billing/docs/how-to/budgets */
export const BudgetConfig = z
  .strictObject({
    billingAccount: like(/^[0-9A-F]{6}(-[0-9A-F]{6}){2}$/, 'use a billing account: 012345-6789AB-CDEF01').describe(
      'The billing account of the project.',
    ),
    amount: z
      .int()
      .min(1)
      .max(10_000_000)
      .describe("The budget of a month, in whole units of the billing account's currency."),
    currency: like(/^[A-Z]{3}$/, 'use an ISO 4217 currency, such as EUR').describe(
      'The currency of the billing account.',
    ),
    current: z
      .array(share)
      .min(1)
      .max(10)
      .describe('The spent shares of the amount (1 is the whole amount) at which a notification is sent.'),
    forecast: z
      .array(share)
      .max(10)
      .describe('The shares of the amount, forecast for the month, at which a notification is sent.'),
    stages: BudgetRules.describe('The automatic stages and the share at which each begins, in rising order.'),
    ...recipients,
  })
  .refine(({ emails, billingAdministrators }) => emails.length > 0 || billingAdministrators, {
    path: ['emails'],
    message: 'must have an address where billingAdministrators is false, or no one gets the notification',
    when: sound(recipients),
  });

export const Logs = z.strictObject({
  /** https://cloud.google.com/logging/docs/buckets#custom-retention */
  retentionDays: z.int().min(1).max(3650).describe('The number of days that logs are kept.'),
  cdnSample: z
    .number()
    .min(0)
    .max(1)
    .describe(
      'The share of CDN responses below 400 that is logged. All other responses are logged. ' +
        'Cloud Logging bills by the byte.',
    ),
});
