import { z } from 'zod';

/** One figure of ours beside a peer's of the same run. */
export const Row = z.strictObject({
  name: z.string().min(1),
  /** Compared with, in words. */
  peer: z.string().min(1),
  ours: z.number().positive(),
  theirs: z.number().positive(),
  unit: z.string(),
  /** Ours divided by theirs; less is better. */
  ratio: z.number().positive(),
  goal: z.number().positive(),
});
export type Row = z.infer<typeof Row>;

/** A comparison, and where and when it was made. */
export const Comparison = z.strictObject({
  date: z.iso.date(),
  machine: z.string(),
  versions: z.record(z.string(), z.string()),
  rows: z.array(Row).min(1),
  /** The peers that were not there, and how to give them. */
  notMeasured: z.array(z.string()),
});
export type Comparison = z.infer<typeof Comparison>;

/** A ratio that is so much worse than the last one is a regression. */
const WORSE = 1.2;

const twoDigits = (value: number): number => Math.round(value * 100) / 100;

/** A row of two figures; what is not measured throws by its schema. */
export const compared = (row: Omit<Row, 'ratio'>): Row =>
  Row.parse({
    ...row,
    ours: twoDigits(row.ours),
    theirs: twoDigits(row.theirs),
    ratio: twoDigits(row.ours / row.theirs),
  });

/** A sentence for each row that is more than 20 % worse than in `last`, by its ratio; rows new since then are not. */
export function regressions(now: readonly Row[], last: readonly Row[]): string[] {
  return now.flatMap(({ name, ratio }) => {
    const before = last.find((row) => row.name === name)?.ratio;
    if (before === undefined || ratio <= before * WORSE) return [];
    return [`${name}: ${ratio} times its peer, and ${before} times when docs/FIGURES.md was written`];
  });
}

/** A sentence for each row of `last` that was not measured now, so that nobody takes its silence for a pass. */
export const leftOut = (
  { rows, notMeasured }: Pick<Comparison, 'rows' | 'notMeasured'>,
  last: readonly Row[],
): string[] =>
  last
    .filter(({ name }) => rows.every((row) => row.name !== name))
    .map(({ name, peer }) => `${name}: not checked beside ${peer}, which is not there`)
    .concat(notMeasured.map((what) => `not measured: ${what}`));

/** Reasons why a row is worse than its goal, by the name of the row. */
export type ReasonsByRow = Readonly<Record<string, string>>;

/** A sentence for each row that is worse than its goal and has no reason. */
export const unexplained = ({ rows }: Comparison, reasons: ReasonsByRow): string[] =>
  rows
    .filter(({ name, ratio, goal }) => ratio > goal && reasons[name] === undefined)
    .map(({ name, ratio, goal }) => `${name}: ${ratio}, more than ${goal}: reasons.ts has to say why`);

/** The page that shows a comparison. */
export function page({ date, machine, versions, rows, notMeasured }: Comparison, reasons: ReasonsByRow): string {
  const lines = rows.map(({ name, peer, ours, theirs, unit, ratio, goal }) => {
    const verdict = ratio <= goal ? 'met' : (reasons[name] ?? 'missed');
    return `| ${name} | ${peer} | ${ours} ${unit} | ${theirs} ${unit} | **${ratio}** | ${goal} | ${verdict} |`;
  });
  const made = Object.entries(versions).map(([what, version]) => `${what} ${version}`);
  return [
    '# Figures',
    '',
    'Written by `npm run bench -- --compare`, from `figures.json` beside it. Each row is measured beside its peer in',
    'the same run on the same machine, in turns, so that the ratio says more than the milliseconds; less is better.',
    '`npm run bench -- --check` measures again and fails where a ratio is more than 20 % worse than here.',
    '',
    `Measured on ${date}: ${machine}; ${made.join(', ')}.`,
    '',
    '| figure | beside | ours | theirs | ratio | goal | |',
    '|---|---|---|---|---|---|---|',
    ...lines,
    ...(notMeasured.length === 0 ? [] : ['', ...notMeasured.map((what) => `Not measured: ${what}.`)]),
    '',
  ].join('\n');
}
