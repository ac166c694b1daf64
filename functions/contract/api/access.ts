import { z } from 'zod';
import { ApiKeyPrefix, CreateApiKey, Permission, Role, Subject } from '../identity';
import { StreamId } from '../ids';
import { nextCursor, Time } from './shapes';

const keyFields = {
  prefix: ApiKeyPrefix.meta({ description: 'The visible part of the key, which identifies it.' }),
  name: z.string(),
  role: Role,
  scopes: z
    .array(Permission)
    .optional()
    .meta({ description: 'The permissions of the key. If absent, the key has every permission of its role.' }),
  subject: Subject,
  streams: z.array(StreamId).optional(),
  createdAt: Time,
  expiresAt: Time.optional(),
  lastUsedAt: Time.optional().meta({ description: 'The time of the last use, to the minute.' }),
  revokedAt: Time.optional(),
};
export const ApiKeyAnswer = z.object(keyFields).meta({ id: 'ApiKey' });
export type ApiKeyAnswer = z.infer<typeof ApiKeyAnswer>;
export const ApiKeyWithKey = z
  .object({
    ...keyFields,
    key: z.string().meta({ description: 'Shown only in this answer. The service stores a hash, not the key.' }),
  })
  .meta({ id: 'ApiKeyWithKey' });
export const ApiKeyPage = z.object({ apiKeys: z.array(ApiKeyAnswer), nextCursor }).meta({ id: 'ApiKeyPage' });
export const NewApiKey = CreateApiKey.meta({
  id: 'CreateApiKey',
  description:
    '`streams` is required for a viewer and not allowed for other roles. `scopes` narrow the role; ' +
    'the caller must have each of them.',
});
