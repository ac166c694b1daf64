/** A push of Pub/Sub, as a function gets it. */
export function pushRequest(
  path: string,
  data: unknown,
  more: { attributes?: Record<string, string>; message?: object } = {},
): Request {
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  const body = {
    subscription: 'projects/p/subscriptions/s',
    message: {
      data: Buffer.from(text).toString('base64'),
      messageId: '136969346945',
      publishTime: '2026-11-20T10:00:00.000Z',
      attributes: more.attributes ?? {},
      ...more.message,
    },
  };
  return postRequest(path, JSON.stringify(body));
}

export const postRequest = (path: string, body: string, headers: Record<string, string> = {}): Request =>
  new Request(`http://function${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
