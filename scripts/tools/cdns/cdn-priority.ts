import { CdnList } from '../../../functions/contract/api/cdns';
import { ROUTES } from '../../../functions/contract/routes';
import { CliError } from '../google/cli-error';
import type { SmokeTarget } from '../smoke/target';

/** An order of an operator. */
export type WantedPriority =
  | { readonly kind: 'priority'; readonly priority: readonly string[] }
  | { readonly kind: 'by-weight' };

const REQUEST_MS = 15_000;

/** Gives an order by the API, if there is one; answers the CDNs as text. Throws CliError with what the API says. */
export async function setPriority(target: SmokeTarget, wanted?: WantedPriority): Promise<string> {
  const asked = requestOf(wanted);
  const answer = await fetch(`${target.api}${asked.path}`, {
    method: asked.method,
    headers: { authorization: `Bearer ${target.adminKey}`, 'content-type': 'application/json' },
    ...(asked.body !== undefined && { body: JSON.stringify(asked.body) }),
    signal: AbortSignal.timeout(REQUEST_MS),
  });
  const text = await answer.text();
  if (!answer.ok) throw new CliError(`the API answers ${answer.status}: ${text.slice(0, 300)}`);
  return shown(CdnList.parse(JSON.parse(text)));
}

function requestOf(wanted: WantedPriority | undefined): { method: string; path: string; body?: object } {
  if (wanted === undefined) return { method: 'GET', path: ROUTES.api.cdns };
  if (wanted.kind === 'by-weight') return { method: 'DELETE', path: ROUTES.api.cdnPriority };
  return { method: 'PUT', path: ROUTES.api.cdnPriority, body: { priority: wanted.priority } };
}

function shown({ cdns, priority, ttlSeconds }: CdnList): string {
  const width = Math.max(...cdns.map(({ name }) => name.length));
  const lines = cdns.map(({ name, host, weight }) => `${name.padEnd(width)}  ${host}  ${weight} % of the streams`);
  const order = priority === undefined ? 'by weight' : priority.join(', ');
  return `${[...lines, `order: ${order}; players follow within ${ttlSeconds + 10} s`].join('\n')}\n`;
}
