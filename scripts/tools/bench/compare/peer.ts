import type { Firestore } from '@google-cloud/firestore';
import { http } from '@google-cloud/functions-framework';
import { PEER } from './peer-name';

/**
 * A function as somebody would write it by hand, for comparison: GET /<id> is the one Firestore call that showing a
 * stream takes, and anything else is refused without a call. `open`: absent for a function without a database.
 */
export function peer(open?: () => Firestore): void {
  const database = open?.();
  http(PEER, async (request, response) => {
    if (request.method !== 'GET' || database === undefined) {
      response.status(404).send('not found');
      return;
    }
    const found = await database.doc(`streams${request.path}`).get();
    response.json(found.data() ?? {});
  });
}
