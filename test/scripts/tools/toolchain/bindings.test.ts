import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asPackage, modulesUsed, writePackage } from '../../../../scripts/tools/toolchain/bindings';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bindings-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('bindings of the provider', () => {
  it('are of every class that infra uses, the provider’s own among them', () => {
    const used = modulesUsed('infra');
    expect(used).toEqual(expect.arrayContaining(['provider', 'storage-bucket', 'cloudfunctions2-function']));
    expect(used.length).toBeGreaterThan(50);
  });

  it('take the fork by the name that infra has for it', () => {
    const code = asPackage(
      "import * as cdktn from 'cdktn';\nexport class StorageBucket extends cdktn.TerraformResource {}\n",
    );
    expect(code).toContain('require("cdktf")');
    expect(code).not.toContain('require("cdktn")');
  });

  it('are a package under the name of the archived one, with the modules that are used and no others', () => {
    for (const name of ['storage-bucket', 'dns-record-set']) {
      mkdirSync(join(folder, 'gen', name), { recursive: true });
      writeFileSync(join(folder, 'gen', name, 'index.ts'), `export const is: string = '${name}';\n`);
    }
    mkdirSync(join(folder, 'gen/provider-functions'));
    writeFileSync(join(folder, 'gen/provider-functions/index.ts'), 'export class Functions {}\n');
    writePackage(join(folder, 'gen'), ['storage-bucket'], join(folder, 'package'), '7.45.0');
    expect(JSON.parse(readFileSync(join(folder, 'package/package.json'), 'utf8'))).toEqual({
      name: '@cdktf/provider-google',
      version: '7.45.0',
    });
    expect(readFileSync(join(folder, 'package/lib/storage-bucket/index.js'), 'utf8')).toContain('"storage-bucket"');
    expect(readFileSync(join(folder, 'package/lib/provider-functions/index.js'), 'utf8')).toContain('class Functions');
    expect(() => readFileSync(join(folder, 'package/lib/dns-record-set/index.js'))).toThrow('ENOENT');
  });

  it('say which class a version has no more', () => {
    expect(() => writePackage(folder, ['storage-bucket'], folder, '9.0.0')).toThrow(
      'provider 9.0.0 has no storage-bucket',
    );
  });
});
