import { ComputeSslPolicy } from '@cdktf/provider-google/lib/compute-ssl-policy';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';

/** The TLS policy of every proxy: version 1.2 or later, and no broken cipher. */
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
