import { decideRepeat, KEPT_MS } from '../../../../functions/core/idempotency/repeat';

const NOW = 1_000_000;
const attempt = { id: 'a', requestHash: 'one', nowMs: NOW };
const begun = { id: 'a', requestHash: 'one', startedAt: NOW - 1000, expiresAt: NOW - 1000 + KEPT_MS };

describe('decideRepeat', () => {
  it.each([
    ['the first one is being worked on', begun, 'in_progress'],
    ['the first one was cut off', { ...begun, startedAt: NOW - 60_000 }, 'first'],
    ['it was answered', { ...begun, sealed: 'text' }, 'answered'],
    ['it was answered a day ago', { ...begun, sealed: 'text', expiresAt: NOW }, 'first'],
    ['the key is another request’s', { ...begun, requestHash: 'two' }, 'other_request'],
    ['the key was another request’s a day ago', { ...begun, requestHash: 'two', expiresAt: NOW }, 'first'],
  ])('when %s', (_name, found, kind) => {
    expect(decideRepeat(found, attempt).kind).toBe(kind);
  });
});
