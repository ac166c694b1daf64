import { CertificateManagerCertificate } from '@cdktf/provider-google/lib/certificate-manager-certificate';
import { CertificateManagerCertificateMap } from '@cdktf/provider-google/lib/certificate-manager-certificate-map';
import { CertificateManagerCertificateMapEntry } from '@cdktf/provider-google/lib/certificate-manager-certificate-map-entry';
import { CertificateManagerDnsAuthorization } from '@cdktf/provider-google/lib/certificate-manager-dns-authorization';
import { DnsRecordSet } from '@cdktf/provider-google/lib/dns-record-set';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';

export interface CertificateProps extends Deployment {
  /** Last part of its names. */
  readonly thing: string;
  /** The host of the certificate. */
  readonly domain: string;
  /** Name of the Cloud DNS zone that gets the proof of ownership. */
  readonly dnsZone: string;
}

/**
 * A managed certificate that DNS proves, so that it exists before the first viewer: authorisation → certificate → map
 * entry.
 */
export class Certificate extends Construct {
  /** The host as a reference, which waits for the certificate's proof. */
  readonly domain: string;
  /** The host as text. */
  readonly host: string;
  /** The certificate map, as an HTTPS proxy takes it. */
  readonly certificateMap: string;

  constructor(scope: Construct, id: string, { names, projectId: project, thing, domain, dnsZone }: CertificateProps) {
    super(scope, id);
    const name = names.resource(thing);
    const labels = { ...names.labels(thing) };
    const authorization = new CertificateManagerDnsAuthorization(this, 'authorization', {
      project,
      name,
      domain,
      labels,
    });
    const record = authorization.dnsResourceRecord.get(0);
    new DnsRecordSet(this, 'proof', {
      project,
      managedZone: dnsZone,
      name: record.name,
      type: record.type,
      ttl: 300,
      rrdatas: [record.data],
    });
    const certificate = new CertificateManagerCertificate(this, 'certificate', {
      project,
      name,
      labels,
      scope: 'DEFAULT',
      managed: { domains: [authorization.domain], dnsAuthorizations: [authorization.id] },
    });
    const map = new CertificateManagerCertificateMap(this, 'map', { project, name, labels });
    new CertificateManagerCertificateMapEntry(this, 'entry', {
      project,
      name,
      labels,
      map: map.name,
      certificates: [certificate.id],
      hostname: authorization.domain,
    });
    this.domain = authorization.domain;
    this.host = domain;
    this.certificateMap = `//certificatemanager.googleapis.com/${map.id}`;
  }
}
