import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { dev } from '../../infra/config/environments/dev';
import {
  checkovVersion,
  findingsOfImages,
  findingsOfStacks,
  Reasons,
  unused,
  withoutReason,
} from '../../scripts/tools/checkov/findings';
import { realPart } from '../support/platform/real-part';
import { ENVIRONMENTS, synthBootstrap, synthEnvironment } from '../support/synth';

const FINDINGS = z
  .record(z.string(), z.array(z.string()))
  .parse(JSON.parse(readFileSync('infra/checkov/findings.json', 'utf8')));
const REASONS = Reasons.parse(JSON.parse(readFileSync('infra/checkov/reasons.json', 'utf8')));
const stacks = () => ({
  bootstrap: synthBootstrap(),
  ...Object.fromEntries(
    Object.entries({ ...ENVIRONMENTS, dev }).map(([name, config]) => [name, synthEnvironment(config)]),
  ),
});

describe('a finding of checkov', () => {
  it('is fixed, or has its reason', () => {
    expect(Object.values(FINDINGS).flat().length).toBeGreaterThan(50);
    expect(withoutReason(FINDINGS, REASONS)).toEqual([]);
  });

  it('is what each reason is for', () => {
    expect(unused(FINDINGS, REASONS)).toEqual([]);
  });

  it('is of resources that there are', () => {
    const there = Object.entries(stacks()).flatMap(([stack, { resource = {} }]) =>
      Object.entries(resource).flatMap(([type, all]) => Object.keys(all).map((name) => `${stack}: ${type}.${name}`)),
    );
    const named = Object.entries(FINDINGS)
      .filter(([stack]) => stack !== 'images')
      .flatMap(([stack, all]) => all.map((finding) => `${stack}: ${finding.split(' ')[1]}`));
    expect(named.filter((each) => !there.includes(each))).toEqual([]);
  });

  it('is told when it has no reason, and when a reason has lost its finding', () => {
    const why = 'it is told to the test, and to nobody else';
    const reasons = { CKV_1: [{ resources: 'a\\.b', verdict: 'reasoned' as const, why }] };
    expect(withoutReason({ dev: ['CKV_1 a.b', 'CKV_1 a.bc', 'CKV_2 a.b'] }, reasons)).toEqual([
      'dev: CKV_1 a.bc',
      'dev: CKV_2 a.b',
    ]);
    expect(unused({ dev: ['CKV_2 a.b'] }, reasons)).toEqual(['CKV_1 a\\.b']);
  });
});

realPart('checkov', checkovVersion() === undefined ? 'no checkov on this machine' : undefined, () => {
  it('finds what is written down, and no more', () => {
    expect({ ...findingsOfStacks(stacks()), images: findingsOfImages('srs-image/image') }).toEqual(FINDINGS);
  }, 120_000);
});
