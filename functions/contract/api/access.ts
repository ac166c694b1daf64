import { z } from 'zod';
import { ApiKeyPrefix, CreateApiKey, Permission, Role, Subject } from '../identity';
import { StreamId } from '../ids';
import { nextCursor, Time } from './shapes';

const keyFields = {
  prefix: ApiKeyPrefix.meta({ description: 'Names the key; its visible part.' }),
  name: z.string(),
  role: Role,
  scopes: z.array(Permission).optional().meta({ description: 'Absent: all the role may.' }),
  subject: Subject,
  streams: z.array(StreamId).optional(),
  createdAt: Time,
  expiresAt: Time.optional(),
  lastUsedAt: Time.optional().meta({ description: 'To the minute.' }),
  revokedAt: Time.optional(),
};
export const ApiKeyAnswer = z.object(keyFields).meta({ id: 'ApiKey' });
export type ApiKeyAnswer = z.infer<typeof ApiKeyAnswer>;
export const ApiKeyWithKey = z
  .object({ ...keyFields, key: z.string().meta({ description: 'Shown once: kept nowhere.' }) })
  .meta({ id: 'ApiKeyWithKey' });
export const ApiKeyPage = z.object({ apiKeys: z.array(ApiKeyAnswer), nextCursor }).meta({ id: 'ApiKeyPage' });
export const NewApiKey = CreateApiKey.meta({
  id: 'CreateApiKey',
  description: 'A viewer needs `streams`, nobody else takes them; `scopes` narrow the role, and are of those the caller has.',
});
