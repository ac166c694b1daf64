import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentName } from '../../../functions/contract/ids';
import { CliError } from '../google/cli-error';
import { parseCommandLine, runCommand } from '../google/command';
import { checkovVersion, findingsOfImages, findingsOfStacks, Reasons, unused, withoutReason } from './findings';

const USAGE = `usage: npm run checkov

Runs checkov on the synthesised stacks and the Dockerfiles, writes infra/checkov/findings.json, and lists the findings
that have no reason in infra/checkov/reasons.json: then the exit code is 1. Needs checkov (CHECKOV=<path>), and
'npm run synth' before it.`;

const ROOT = join(__dirname, '../../..');
const STACKS = ['bootstrap', ...EnvironmentName.options];

runCommand(async () => {
  const options = { help: { type: 'boolean', short: 'h' } } as const;
  const { values } = parseCommandLine({ args: process.argv.slice(2), allowPositionals: false, options }, USAGE);
  if ('help' in values) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const version = checkovVersion();
  if (version === undefined)
    throw new CliError(
      "checkov is not on this machine: 'pip install checkov' in an environment of its own, CHECKOV=<path>",
    );
  const stacks = STACKS.map((name) => [
    name,
    JSON.parse(readFileSync(join(ROOT, `cdktf.out/stacks/${name}/cdk.tf.json`), 'utf8')),
  ]);
  const findings = {
    ...findingsOfStacks(Object.fromEntries(stacks)),
    images: findingsOfImages(join(ROOT, 'srs-image/image')),
  };
  writeFileSync(join(ROOT, 'infra/checkov/findings.json'), `${JSON.stringify(findings, undefined, 2)}\n`);
  const reasons = Reasons.parse(JSON.parse(readFileSync(join(ROOT, 'infra/checkov/reasons.json'), 'utf8')));
  const lacking = withoutReason(findings, reasons);
  for (const line of lacking) process.stdout.write(`no reason: ${line}\n`);
  for (const line of unused(findings, reasons)) process.stdout.write(`reason without a finding: ${line}\n`);
  process.stdout.write(
    `checkov ${version}: ${Object.values(findings).flat().length} findings, ${lacking.length} without a reason\n`,
  );
  return lacking.length === 0 ? 0 : 1;
});
