/** Samples of ours and theirs. */
export interface Samples {
  readonly ours: number[];
  readonly theirs: number[];
}

type Sample = () => number | Promise<number>;

/**
 * Takes a sample of ours and one of theirs, `turns` times, so that what else the machine does meets both. One turn
 * before them warms both up and is not counted.
 */
export async function inTurns(turns: number, ours: Sample, theirs: Sample): Promise<Samples> {
  const samples: Samples = { ours: [], theirs: [] };
  for (let turn = 0; turn <= turns; turn++) {
    const own = await ours();
    const other = await theirs();
    if (turn === 0) continue;
    samples.ours.push(own);
    samples.theirs.push(other);
  }
  return samples;
}
