import { PRICES } from '../../../functions/contract/prices';
import { machineHour } from './machine-price';
import type { EdgeGroup } from './size';

const MEGABIT_BYTES = 125_000;
const GIB = 2 ** 30;
const MONTH_HOURS = 730;

/** Dollars for one hour of one viewer whom an edge serves. */
export interface EdgeViewerHour {
  /** From the edge's own address. */
  readonly webRtc: number;
  /** Through the load balancer of the public host. */
  readonly flv: number;
  /** The share of them that is for the machine, in both. */
  readonly machine: number;
}

/** Prices a viewer of edges that are full by connections or by bytes, whichever limit of the environment is first. */
export function edgeViewerHour(
  { machine, targetViewers, targetBytesPerSecond }: EdgeGroup,
  bitrate: number,
): EdgeViewerHour {
  const bytesPerSecond = bitrate * MEGABIT_BYTES;
  const share = Math.max(1 / targetViewers, bytesPerSecond / targetBytesPerSecond);
  const hour =
    machineHour(machine.machineType) +
    PRICES.address.dollars +
    (machine.diskGigabytes / MONTH_HOURS) * PRICES.disk.dollars;
  const gibibytes = (bytesPerSecond * 3600) / GIB;
  const webRtc = share * hour + gibibytes * PRICES.nodeEgress.dollars;
  return { webRtc, flv: webRtc + gibibytes * PRICES.balancedEgress.dollars, machine: share * hour };
}
