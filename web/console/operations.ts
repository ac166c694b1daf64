import { make } from '../make';
import type { ConsoleClient } from './client';
import { list, sureButton, timeOf } from './parts';

/** Runs an action, then shows the view again, or the refusal. */
export type Doing = (run: () => Promise<unknown>) => void;

/** Shows every node: its state, what it carries, and a button to drain it. */
export async function nodesView(client: ConsoleClient, act: Doing): Promise<HTMLElement[]> {
  const { nodes } = await client.nodes();
  const items = nodes.map(({ id, role, state, publishing, pendingSegments, spoolBytes, heartbeatAt }) =>
    make(
      'li',
      {},
      make('strong', {}, id),
      make('span', {}, role),
      make('span', { class: `status-${state}` }, state),
      make('span', {}, `${publishing} publishing`),
      make('span', {}, `${pendingSegments} segments (${Math.round(spoolBytes / 1e6)} MB) to upload`),
      make('span', { class: 'soft' }, timeOf(heartbeatAt)),
      ...(state === 'up' ? [sureButton('Drain', id, () => act(() => client.drain(id)))] : []),
    ),
  );
  return [make('h2', {}, 'Nodes'), list('Nodes', items, 'No node has reported yet.')];
}

/** Shows the API keys by name and prefix: the API shows a key once only. */
export async function keysView(client: ConsoleClient, act: Doing): Promise<HTMLElement[]> {
  const { apiKeys } = await client.keys();
  const items = apiKeys.map(({ prefix, name, role, lastUsedAt, revokedAt, expiresAt }) =>
    make(
      'li',
      {},
      make('strong', {}, name),
      make('span', { class: 'soft' }, prefix),
      make('span', {}, role),
      make('span', {}, lastUsedAt === undefined ? 'not used yet' : `used ${timeOf(lastUsedAt)}`),
      ...(expiresAt === undefined ? [] : [make('span', {}, `expires ${timeOf(expiresAt)}`)]),
      revokedAt === undefined
        ? sureButton('Revoke', name, () => act(() => client.revokeKey(prefix)))
        : make('span', { class: 'soft' }, `revoked ${timeOf(revokedAt)}`),
    ),
  );
  return [make('h2', {}, 'API keys'), list('API keys', items, 'There are no API keys yet.')];
}

/** Shows what the API itself says of its parts. */
export async function healthView(client: ConsoleClient): Promise<HTMLElement[]> {
  const { status, checks } = await client.health();
  const items = Object.entries(checks).map(([name, { state, latencyMs }]) =>
    make(
      'li',
      {},
      make('strong', {}, name),
      make('span', { class: `status-${state}` }, state),
      make('span', {}, `${latencyMs} ms`),
    ),
  );
  return [make('h2', {}, `Health: ${status}`), list('Health', items, 'Nothing is checked.')];
}
