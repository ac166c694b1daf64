/** Labels of a time series as a filter of Cloud Monitoring names them: `metric.type`, `resource.labels.zone`. */
export type Labels = Readonly<Record<string, string>>;

const CLAUSE =
  /^(?<field>[a-z]+(?:\.\w+)+)=(?<call>monitoring\.regex\.full_match\()?(?<text>"(?:[^"\\]|\\.)*"|\d+)\)?$/;

/**
 * Picks time series by `filter`, a conjunction of equalities and full matches.
 * https://cloud.google.com/monitoring/api/v3/filters. Throws an Error for what it cannot read.
 */
export function metricFilter(filter: string): (labels: Labels) => boolean {
  const clauses = filter.split(' AND ').map(clause);
  return (labels) => clauses.every((matches) => matches(labels));
}

function clause(text: string): (labels: Labels) => boolean {
  const { field = '', call, text: quoted = '' } = CLAUSE.exec(text)?.groups ?? {};
  if (field === '') throw new Error(`'${text}': not a clause of a filter`);
  const wanted = String(JSON.parse(quoted));
  const pattern = call === undefined ? undefined : new RegExp(`^(?:${wanted})$`);
  return (labels) => {
    const value = labels[field.replace('.label.', '.labels.')];
    return value !== undefined && (pattern?.test(value) ?? value === wanted);
  };
}
