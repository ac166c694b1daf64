/** GiB a vCPU, by series and class. https://cloud.google.com/compute/docs/machine-resource */
const GIBIBYTES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  e2: { standard: 4, highmem: 8, highcpu: 1 },
  n1: { standard: 3.75, highmem: 6.5, highcpu: 0.9 },
  n2: { standard: 4, highmem: 8, highcpu: 1 },
  n2d: { standard: 4, highmem: 8, highcpu: 1 },
  n4: { standard: 4, highmem: 8, highcpu: 2 },
  t2d: { standard: 4 },
  c2: { standard: 4 },
  c2d: { standard: 4, highmem: 8, highcpu: 2 },
  c3: { standard: 4, highmem: 8, highcpu: 2 },
};
const FORM = /^([a-z0-9]+)-(standard|highmem|highcpu)-(\d+)$/;
const CUSTOM = /^(?:[a-z0-9]+-)?custom-\d+-(\d+)$/;

/** Operating system, Docker, SRS and agent. */
const RESERVED_MEBIBYTES = 4096;
/** Some minutes of a hundred streams: less is no spool. */
const LEAST_MEBIBYTES = 256;

/** Memory of a machine type, in MiB. Throws for one that is not in the table. */
export function machineMebibytes(machineType: string): number {
  const [, custom] = CUSTOM.exec(machineType) ?? [];
  if (custom !== undefined) return Number(custom);
  const [, series = '', kind = '', cpus = ''] = FORM.exec(machineType) ?? [];
  const gibibytes = GIBIBYTES[series]?.[kind];
  if (gibibytes !== undefined) return Math.floor(gibibytes * 1024 * Number(cpus));
  throw new Error(
    `machine type '${machineType}': its memory is not known; use <series>-<standard|highmem|highcpu>-<vCPUs> of ` +
      `${Object.keys(GIBIBYTES).join(', ')}, or a custom one`,
  );
}

/**
 * Size of a node's tmpfs for HLS and spool, in MiB: half of what operating system, SRS and agent leave, so that a full
 * spool never takes the memory a process needs. Throws for a machine that has too little.
 */
export function mediaMebibytes(machineType: string): number {
  const size = Math.floor((machineMebibytes(machineType) - RESERVED_MEBIBYTES) / 2);
  if (size >= LEAST_MEBIBYTES) return size;
  throw new Error(
    `machine type '${machineType}': use one with at least ${(RESERVED_MEBIBYTES + 2 * LEAST_MEBIBYTES) / 1024} ` +
      'GiB of memory',
  );
}
