import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Finding } from './finding';

const Version = z.object({ terraform_version: z.string() });
const OLDEST = [1, 5];

/** Checks for Terraform or OpenTofu, one of which cdktf's own command needs too. */
export async function checkTerraform(): Promise<Finding> {
  for (const command of [process.env.TERRAFORM_BINARY_NAME ?? 'terraform', 'tofu']) {
    const version = await versionOf(command);
    if (version === undefined) continue;
    const [major = 0, minor = 0] = version.split('.').map(Number);
    const what = `${command} ${version}`;
    const old = major < (OLDEST[0] ?? 0) || (major === OLDEST[0] && minor < (OLDEST[1] ?? 0));
    return old ? { what, missing: 'it is too old', remedy: `install ${OLDEST.join('.')} or newer` } : { what };
  }
  return {
    what: 'Terraform or OpenTofu',
    missing: 'neither is on this machine',
    remedy:
      `install one, ${OLDEST.join('.')} or newer: https://developer.hashicorp.com/terraform/install or ` +
      'https://opentofu.org/docs/intro/install/',
  };
}

async function versionOf(command: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(command, ['version', '-json'], { timeout: 10_000 });
    return Version.parse(JSON.parse(stdout)).terraform_version;
  } catch {
    return undefined;
  }
}
