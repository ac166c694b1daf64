import { z } from 'zod';
import known from '../../shapes/google-shapes.json';
import { type Shapes, shapeOf, strangeIn } from '../../shapes/shape';
import type { Call } from '../call';
import { RehearsalRefusal } from '../refusal';
import type { GoogleRule } from '../rule';

const Table = z.record(z.string(), z.string());
const SHAPES: Readonly<Record<string, Shapes>> = z
  .record(z.string(), z.object({ requests: Table, shapes: Table }))
  .parse(known);

/** Returns the path as it was sent, with the verb of its resource. */
const fullPath = ({ path, verb, service }: Call): string =>
  verb === '' ? path : `${path}${service === 'compute' || service === 'storage' ? '/' : ':'}${verb}`;

export const bodiesFit: GoogleRule = {
  name: 'bodies-fit',
  says: 'a request has only fields that the API knows, of their types and of the values it lists',
  page: 'https://developers.google.com/discovery/v1/reference/apis',
  byDefault: true,
  check(call) {
    if (!['POST', 'PUT', 'PATCH'].includes(call.method)) return undefined;
    const apis = Object.entries(SHAPES).filter(([api]) => api.startsWith(`${call.service}.`));
    for (const [, shapes] of apis) {
      const name = shapeOf(shapes, call.method, fullPath(call));
      const strange = name === undefined ? [] : strangeIn(shapes, name, call.body);
      if (strange.length > 0) return new RehearsalRefusal(400, `Invalid JSON payload received. ${strange.join(' ')}`);
    }
    return undefined;
  },
};
