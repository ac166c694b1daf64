/** The only place that spells a physical name or a label: `srs-live-<environment>-<thing>`. */
export const PRODUCT = 'srs-live';

/** Shortest and longest name Google takes, by what is named. https://cloud.google.com/compute/docs/naming-resources */
const LENGTHS = {
  resource: [1, 63],
  /** https://cloud.google.com/iam/docs/service-accounts-create */
  serviceAccount: [6, 30],
  role: [3, 64],
  /** https://cloud.google.com/storage/docs/buckets#naming */
  bucket: [3, 63],
  /** Compute Engine puts 26 characters of its own behind a template's prefix. */
  templatePrefix: [1, 37],
  /**
   * Google says 20 with each hyphen counted twice. https://cloud.google.com/vpc/docs/configure-serverless-vpc-access
   */
  connector: [2, 18],
} as const;

export type Labels = Readonly<Record<'product' | 'environment' | 'component', string>>;

/** Names and labels of one environment. Every method throws if the name would be one Google refuses. */
export class Names {
  constructor(
    readonly environment: string,
    private readonly projectId: string,
    /** The end of what stands in each region; accounts and buckets stand once. @default the home region's: none */
    private readonly suffix = '',
  ) {}

  /** Names for what stands in the second region too: `srs-live-<environment>-<thing>-b`. */
  inSecondRegion(): Names {
    return new Names(this.environment, this.projectId, '-b');
  }

  resource(thing: string): string {
    return checked('resource', `${PRODUCT}-${this.environment}-${thing}${this.suffix}`);
  }

  serviceAccount(thing: string): string {
    return checked('serviceAccount', `${PRODUCT}-${this.environment}-${thing}`);
  }

  /** E-mail of that account: a literal, for what another stack made. */
  email(thing: string): string {
    return `${this.serviceAccount(thing)}@${this.projectId}.iam.gserviceaccount.com`;
  }

  /** Bucket names are one namespace for the whole world, so a bucket's ends with the project's id. */
  bucket(thing: string): string {
    return checked('bucket', `${PRODUCT}-${this.environment}-${thing}-${this.projectId}`);
  }

  /** Names the VPC connector: the only one of a region, because the name has no room for more. */
  connector(): string {
    // A hyphen counts twice, and there is no room for one more.
    return checked('connector', `${PRODUCT}-${this.environment}${this.suffix.replace('-', '')}`);
  }

  templatePrefix(thing: string): string {
    return checked('templatePrefix', `${PRODUCT}-${this.environment}-${thing}${this.suffix}-`);
  }

  /**
   * Returns the id of a custom role, which takes no hyphens. https://cloud.google.com/iam/docs/creating-custom-roles
   */
  role(thing: string): string {
    return checked('role', `${PRODUCT}-${this.environment}-${thing}`).replaceAll('-', '_');
  }

  /** BigQuery takes no hyphens. https://cloud.google.com/bigquery/docs/datasets#dataset-naming */
  dataset(thing: string): string {
    return this.resource(thing).replaceAll('-', '_');
  }

  /** `component`: the part of the product, for bills and searches. */
  labels(component: string): Labels {
    return { product: PRODUCT, environment: this.environment, component };
  }
}

/** The project, region and names of a construct's resources. */
export interface Deployment {
  readonly names: Names;
  readonly projectId: string;
  readonly region: string;
}

/** The same environment in its second region; `undefined` where it has one. */
export const secondOf = ({ names, projectId }: Deployment, regions: readonly string[]): Deployment | undefined =>
  regions[1] === undefined ? undefined : { names: names.inSecondRegion(), projectId, region: regions[1] };

function checked(kind: keyof typeof LENGTHS, name: string): string {
  const [min, max] = LENGTHS[kind];
  if (name.length >= min && name.length <= max && /^[a-z][a-z0-9-]*$/.test(name)) return name;
  throw new Error(
    `${kind} name '${name}' (${name.length} characters): use ${min} to ${max} of a-z, 0-9, '-', a letter first`,
  );
}
