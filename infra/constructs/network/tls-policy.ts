import { ComputeSslPolicy } from '@cdktf/provider-google/lib/compute-ssl-policy';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';

/** The TLS that everything of ours speaks: 1.2 at least, and only ciphers that are not broken. */
export class TlsPolicy extends Construct {
  readonly id: string;

  constructor(scope: Construct, id: string, { names, projectId: project }: Deployment) {
    super(scope, id);
    this.id = new ComputeSslPolicy(this, 'policy', {
      project,
      name: names.resource('tls'),
      profile: 'MODERN',
      minTlsVersion: 'TLS_1_2',
    }).id;
  }
}
