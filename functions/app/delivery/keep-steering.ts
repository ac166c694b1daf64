import { type Cdns, MAIN_CDN } from '../../contract/objects/cdns';
import { STEERING_PREFIX, steeringName } from '../../contract/objects/layout';
import { SteeringMetadata } from '../../contract/objects/metadata';
import { pathwaysOf, steeringManifest } from '../../core/delivery/steering';
import { pacedWrite } from './paced-write';
import { type DeliveryDeps, parseMetadata } from './source';

type SteeringDeps = Pick<DeliveryDeps, 'delivery' | 'clock'> & { cdns: Cdns };

/** The order an operator set for all streams; `undefined` where the weights hold. */
export async function readPriority({ delivery }: Pick<SteeringDeps, 'delivery'>): Promise<string[] | undefined> {
  const object = await delivery('open').stat(steeringName(MAIN_CDN));
  return object && parseMetadata(SteeringMetadata, object).priority;
}

/** Tells the order that holds at the time of the call. */
type Order = () => Promise<string[] | undefined>;

const textOf = (cdns: Cdns, first: string, priority?: readonly string[]): string =>
  `${JSON.stringify(steeringManifest(cdns, first, priority))}\n`;

/** Writes the manifest of one CDN's streams, unless it says this already. */
async function writeManifest(deps: SteeringDeps, first: string, order: Order): Promise<void> {
  const name = steeringName(first);
  const store = deps.delivery('open');
  await pacedWrite(deps.clock, async () => {
    const current = await store.read(name);
    // After the manifest: an operator who changes the order now changes the manifest, too, and this write is refused.
    const priority = await order();
    const text = textOf(deps.cdns, first, priority);
    const metadata = { ...(priority && { priority: priority.join(',') }) };
    const isSame = current?.text === text && current.metadata.priority === metadata.priority;
    return { result: undefined, ...(!isSame && { write: { store, name, current, kind: 'steering', text, metadata } }) };
  });
}

async function writeManifests(deps: SteeringDeps, order: Order): Promise<void> {
  const others = pathwaysOf(deps.cdns).filter((name) => name !== MAIN_CDN);
  for (const first of [MAIN_CDN, ...others]) await writeManifest(deps, first, order);
}

/**
 * Sets the order of CDNs for all open streams, or the weights again where `priority` is absent. The main CDN's manifest
 * comes first: it is what `keepSteering` repairs the others by.
 */
export const writeSteering = (deps: SteeringDeps, priority: string[] | undefined): Promise<void> =>
  writeManifests(deps, async () => priority);

/** Makes the manifests what the configuration and the operator's order say. Nothing where there is one CDN. */
export async function keepSteering(deps: SteeringDeps): Promise<void> {
  if (deps.cdns.length > 0) await writeManifests(deps, () => readPriority(deps));
}

/**
 * As `keepSteering`, and the manifests of CDNs that the configuration has no more: players that began there read them
 * for as long as they play. Where there was never another CDN, one read.
 */
export async function repairSteering(deps: SteeringDeps): Promise<void> {
  const store = deps.delivery('open');
  if (deps.cdns.length === 0) {
    const main = await store.read(steeringName(MAIN_CDN));
    if (main === undefined || main.text === textOf([], MAIN_CDN)) return;
  }
  const present = pathwaysOf(deps.cdns).map(steeringName);
  const order: Order = () => readPriority(deps);
  // The main CDN's comes last: without other CDNs it tells that all others were written.
  for (const { name } of await store.list(STEERING_PREFIX))
    if (!present.includes(name)) await writeManifest(deps, name.slice(STEERING_PREFIX.length, -'.json'.length), order);
  await writeManifests(deps, order);
}
