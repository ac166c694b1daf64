import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { CliError } from '../../google/cli-error';
import { Comparison, leftOut, page, regressions, unexplained } from './comparison';
import { measure } from './measure';
import { REASONS } from './reasons';

const docs = join(__dirname, '../../../../docs');
const FIGURES = join(docs, 'figures.json');
const PAGE = join(docs, 'FIGURES.md');

async function comparison(basePort: number): Promise<Comparison> {
  const model = cpus()[0]?.model ?? 'unknown processor';
  const load = loadavg()[0]?.toFixed(1);
  const { rows, versions, notMeasured } = await measure(basePort);
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${availableParallelism()} cores of ${model}, load ${load} at the start`,
    versions: { Node: process.version, ...versions },
    rows,
    notMeasured,
  };
}

/** The figures as they were written last. Throws CliError where there are none. */
function lastFigures(): Comparison {
  try {
    return Comparison.parse(JSON.parse(readFileSync(FIGURES, 'utf8')));
  } catch (error) {
    throw new CliError(`${FIGURES} cannot be read: write it by npm run bench -- --compare (${String(error)})`);
  }
}

/** Writes docs/FIGURES.md from docs/figures.json; answers a sentence for each row that needs a reason and has none. */
export function writePage(): string[] {
  const figures = lastFigures();
  writeFileSync(PAGE, page(figures, REASONS));
  return unexplained(figures, REASONS);
}

/** Measures every row beside its peer, and writes docs/figures.json and its page; answers as `writePage` does. */
export async function compare(basePort: number): Promise<string[]> {
  writeFileSync(FIGURES, `${JSON.stringify(await comparison(basePort), null, 2)}\n`);
  return writePage();
}

/**
 * Measures again. `worse`: a sentence for each row that is more than 20 % worse than docs/FIGURES.md has it; `absent`:
 * one for each row that was left out.
 */
export async function check(basePort: number): Promise<{ worse: string[]; absent: string[] }> {
  const last = lastFigures();
  const now = await comparison(basePort);
  return { worse: regressions(now.rows, last.rows), absent: leftOut(now, last.rows) };
}
