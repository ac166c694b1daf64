import { BigqueryDataset } from '@cdktf/provider-google/lib/bigquery-dataset';
import { BigqueryDatasetIamMember } from '@cdktf/provider-google/lib/bigquery-dataset-iam-member';
import { BigqueryTable } from '@cdktf/provider-google/lib/bigquery-table';
import { LoggingProjectSink } from '@cdktf/provider-google/lib/logging-project-sink';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';
import { REQUESTS_SCHEMA, VIEWS } from './log-sink-views';

export interface LogSinkProps extends Deployment {
  /** Name of the URL map whose requests are recorded. */
  readonly urlMap: string;
  readonly destroyable: boolean;
  /** Share of the requests that is kept; the views scale up from it. */
  readonly sample: number;
  /** Days after which a request's line is deleted, because it holds a viewer's address. */
  readonly keepDays: number;
}

/** Cloud Logging names the table after the log, and a load balancer's log is called so. */
const TABLE = 'requests';
const DAY_MS = 86_400_000;

/**
 * Records of what was watched, for finance and operations: a sample of the CDN's request lines in BigQuery, and views
 * that count them. https://cloud.google.com/logging/docs/export/bigquery
 */
export class LogSink extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: LogSinkProps,
  ) {
    super(scope, id);
    const { names, projectId: project, region, destroyable, keepDays } = props;
    const dataset = new BigqueryDataset(this, 'dataset', {
      project,
      datasetId: names.dataset('reports'),
      location: region,
      description: `A sample of the requests of viewers, and what it says. Forgotten after ${keepDays} days.`,
      defaultPartitionExpirationMs: keepDays * DAY_MS,
      deleteContentsOnDestroy: destroyable,
      labels: { ...names.labels('reports') },
    });
    const requests = this.table(dataset.datasetId);
    this.sink(dataset);
    this.views(dataset.datasetId, requests);
  }

  /**
   * Makes the table that a sink would make itself with its first line: a view of a missing table is refused, and a
   * column for `cacheHit` would come only with the first hit. The sink adds further columns by itself.
   */
  private table(datasetId: string): BigqueryTable {
    const { names, projectId: project, keepDays } = this.props;
    return new BigqueryTable(this, 'requests', {
      project,
      datasetId,
      tableId: TABLE,
      description: 'Request lines of the load balancer',
      schema: JSON.stringify(REQUESTS_SCHEMA),
      timePartitioning: { type: 'DAY', field: 'timestamp', expirationMs: keepDays * DAY_MS },
      deletionProtection: false,
      labels: { ...names.labels('reports') },
      lifecycle: { ignoreChanges: ['schema'] },
    });
  }

  /**
   * Signed requests are among them, or viewers of gated streams would be missing from the reports: a signature is of no
   * use after two minutes (`MAX_GRANT_SECONDS`), and only readers of the dataset see it.
   */
  private sink(dataset: BigqueryDataset): void {
    const { names, projectId: project, urlMap, sample } = this.props;
    const sink = new LoggingProjectSink(this, 'sink', {
      project,
      name: names.resource('requests'),
      description: 'Requests of viewers, for reports',
      destination: `bigquery.googleapis.com/${dataset.id}`,
      filter:
        `resource.type="http_load_balancer" AND resource.labels.url_map_name="${urlMap}" AND ` +
        `httpRequest.requestUrl=~"/(open|gated)/[ps]/"${sample === 1 ? '' : ` AND sample(insertId, ${sample})`}`,
      uniqueWriterIdentity: true,
      bigqueryOptions: { usePartitionedTables: true },
    });
    new BigqueryDatasetIamMember(this, 'writer', {
      project,
      datasetId: dataset.datasetId,
      role: 'roles/bigquery.dataEditor',
      member: sink.writerIdentity,
    });
  }

  private views(datasetId: string, requests: BigqueryTable): void {
    const { names, projectId: project, sample } = this.props;
    for (const { id, description, query } of VIEWS)
      new BigqueryTable(this, id, {
        project,
        datasetId,
        tableId: id,
        description,
        view: {
          query: query({ table: `\`${project}.${datasetId}.${requests.tableId}\``, sample }),
          useLegacySql: false,
        },
        deletionProtection: false,
        labels: { ...names.labels('reports') },
      });
  }
}
