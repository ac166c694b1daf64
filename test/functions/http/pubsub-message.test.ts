import { z } from 'zod';
import { readPubsubMessage } from '../../../functions/http/pubsub-message';
import { postRequest, pushRequest } from '../../support/google/pubsub-push';

const Data = z.object({ a: z.number() });
const push = {
  subscription: 's',
  message: { data: btoa('{"a":1}'), messageId: '1', publishTime: '2026-11-20T10:00:00Z', attributes: { k: 'v' } },
};
const read = (request: Request) => readPubsubMessage(request, Data);
const event = {
  specversion: '1.0',
  id: '1',
  source: '//pubsub',
  type: 'google.cloud.pubsub.topic.v1.messagePublished',
};

describe('a message of Pub/Sub', () => {
  const wanted = { id: '1', publishedAt: Date.UTC(2026, 10, 20, 10), attributes: { k: 'v' }, data: { a: 1 } };

  it('is read from a push', async () => {
    expect(await read(postRequest('/', JSON.stringify(push)))).toEqual(wanted);
  });

  it('is read from a CloudEvent of Eventarc, binary and structured', async () => {
    const binary = { 'ce-type': event.type, 'ce-id': '1', 'ce-source': event.source, 'ce-specversion': '1.0' };
    expect(await read(postRequest('/', JSON.stringify(push), binary))).toEqual(wanted);
    const structured = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
    expect(await read(postRequest('/', JSON.stringify({ ...event, data: push }), structured))).toEqual(wanted);
  });

  it('says how often it was delivered, and its order', async () => {
    const more = { ...push, deliveryAttempt: 3, message: { ...push.message, orderingKey: 'key' } };
    expect(await read(postRequest('/', JSON.stringify(more)))).toMatchObject({ attempt: 3, orderingKey: 'key' });
  });

  it.each([
    ['an empty body', '', 'body: use JSON'],
    ['half a body', '{"message":', 'body: use JSON'],
    ['a list', '[]', 'body: '],
    ['no message', '{"subscription":"s"}', 'message: '],
    ['no subscription', JSON.stringify({ message: push.message }), 'subscription: '],
    ['data that is no text', JSON.stringify({ ...push, message: { ...push.message, data: 7 } }), 'message.data: '],
    [
      'data that is no base64',
      JSON.stringify({ ...push, message: { ...push.message, data: 'ä' } }),
      'message.data: use base64',
    ],
    [
      'a time that is none',
      JSON.stringify({ ...push, message: { ...push.message, publishTime: 'now' } }),
      'message.publishTime: ',
    ],
    [
      'attributes that are none',
      JSON.stringify({ ...push, message: { ...push.message, attributes: { k: 1 } } }),
      'message.attributes.k: ',
    ],
    ['a delivery attempt that is none', JSON.stringify({ ...push, deliveryAttempt: -1 }), 'deliveryAttempt: '],
  ])('refuses %s, naming the field', async (_, body, why) => {
    await expect(read(postRequest('/', body))).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringContaining(why),
    });
  });

  it.each([
    ['no data', ''],
    ['no JSON', '{'],
    ['no UTF-8', '\xff'],
  ])('refuses data that is %s', async (_, text) => {
    const message = { ...push.message, data: btoa(text) };
    await expect(read(postRequest('/', JSON.stringify({ ...push, message })))).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringMatching(/^message.data: use (JSON|base64 of JSON in UTF-8)/),
    });
  });

  it('refuses data the schema does not have, naming its field', async () => {
    await expect(read(pushRequest('/', { a: 'x' }))).rejects.toMatchObject({ message: expect.stringMatching(/^a: /) });
  });

  it('refuses events of another type', async () => {
    await expect(read(postRequest('/', JSON.stringify(push), { 'ce-type': 'other' }))).rejects.toMatchObject({
      message: expect.stringContaining("ce-type: got 'other'"),
    });
  });

  it('refuses what is too large', async () => {
    await expect(read(pushRequest('/', { a: 1, b: 'x'.repeat(70_000) }))).rejects.toMatchObject({
      code: 'body_too_large',
    });
  });
});
