import { PRICES, type Price } from '../../../functions/contract/prices';
import { CliError } from '../google/cli-error';

/** Billed vCPUs and GiB of a machine type. https://cloud.google.com/compute/docs/general-purpose-machines */
const SHARED_CORE: Readonly<Record<string, readonly [cpus: number, gibibytes: number]>> = {
  'e2-micro': [0.25, 1],
  'e2-small': [0.5, 2],
  'e2-medium': [1, 4],
  'f1-micro': [0.2, 0.6],
};
const GIBIBYTES_A_CPU: Readonly<Record<string, number>> = { standard: 4, highmem: 8, highcpu: 1 };
const FAMILIES: Readonly<Record<string, readonly [cpu: Price, memory: Price]>> = {
  n2d: [PRICES.n2dCpu, PRICES.n2dMemory],
  e2: [PRICES.e2Cpu, PRICES.e2Memory],
  // Google sells it at about the price of the smallest E2.
  f1: [PRICES.e2Cpu, PRICES.e2Memory],
};

/** Returns dollars an hour of one VM, on demand. */
export function machineHour(machineType: string): number {
  const [family = '', kind = '', count = ''] = machineType.split('-');
  const prices = FAMILIES[family];
  const perCpu = GIBIBYTES_A_CPU[kind];
  const size = SHARED_CORE[machineType] ?? (perCpu === undefined ? undefined : [Number(count), Number(count) * perCpu]);
  if (prices === undefined || size === undefined)
    throw new CliError(
      `machine type '${machineType}': no price for it; add one to functions/contract/prices.ts and ` +
        'scripts/tools/cost/machine-price.ts',
    );
  const [cpus = 0, gibibytes = 0] = size;
  return cpus * prices[0].dollars + gibibytes * prices[1].dollars;
}
