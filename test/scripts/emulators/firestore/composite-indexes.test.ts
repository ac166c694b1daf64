import { type CompositeIndex, checkIndexed } from '../../../../scripts/emulators/firestore/query/composite-indexes';
import type {
  FieldOperator,
  Order,
  QueryFilter,
  StructuredQuery,
} from '../../../../scripts/emulators/firestore/wire/messages';

const where = (fieldPath: string, op: FieldOperator = 'EQUAL'): QueryFilter => ({
  fieldFilter: { field: { fieldPath }, op, value: { integerValue: '1' } },
});
const all = (...filters: QueryFilter[]): QueryFilter => ({ compositeFilter: { op: 'AND', filters } });
const any = (...filters: QueryFilter[]): QueryFilter => ({ compositeFilter: { op: 'OR', filters } });
const by = (fieldPath: string, direction: 'ASCENDING' | 'DESCENDING' = 'ASCENDING'): Order => ({
  field: { fieldPath },
  direction,
});
const query = (filter: QueryFilter | undefined, ...orderBy: Order[]): StructuredQuery => ({
  from: [{ collectionId: 'c' }],
  orderBy,
  ...(filter ? { where: filter } : {}),
});
const index = (...fields: string[]): CompositeIndex => ({
  collection: 'c',
  fields: fields.map((field) => ({
    fieldPath: field.replace('-', ''),
    order: field.startsWith('-') ? 'DESCENDING' : 'ASCENDING',
  })),
});

describe('a query needs no declared index', () => {
  it.each<[string, StructuredQuery]>([
    ['of the whole collection', query(undefined)],
    ['by one order', query(undefined, by('a', 'DESCENDING'))],
    [
      'by one order and the name in the same direction',
      query(undefined, by('a', 'DESCENDING'), by('__name__', 'DESCENDING')),
    ],
    ['with a range and the order of the same field', query(where('a', 'LESS_THAN'), by('a', 'DESCENDING'))],
    ['with equalities only', query(all(where('a'), where('b', 'IN'), where('c', 'ARRAY_CONTAINS')))],
    ['with equalities, one way or the other', query(any(where('a'), where('b')))],
  ])('%s', (_, asked) => {
    expect(() => checkIndexed(asked, [])).not.toThrow();
  });
});

describe('a query needs a declared index', () => {
  it.each<[string, StructuredQuery, CompositeIndex[]]>([
    ['with an equality and an order', query(where('a'), by('b')), [index('a', 'b')]],
    ['with an equality and an order downwards', query(where('a'), by('b', 'DESCENDING')), [index('a', '-b')]],
    ['with an equality and a range', query(all(where('a'), where('b', 'GREATER_THAN'))), [index('a', 'b')]],
    ['by two orders', query(undefined, by('a'), by('b', 'DESCENDING')), [index('a', '-b')]],
    ['by two orders, read backwards', query(undefined, by('a', 'DESCENDING'), by('b')), [index('a', '-b')]],
    ['with ranges of two fields', query(all(where('b', 'LESS_THAN'), where('a', 'LESS_THAN'))), [index('a', 'b')]],
    ['merged from two', query(all(where('a'), where('b')), by('c')), [index('a', 'c'), index('b', 'c')]],
    ['by name downwards', query(undefined, by('__name__', 'DESCENDING')), [index('-__name__')]],
  ])('%s', (_, asked, declared) => {
    expect(() => checkIndexed(asked, [])).toThrow('The query requires an index');
    expect(() => checkIndexed(asked, declared)).not.toThrow();
  });

  it('of its own collection, scope and direction', () => {
    const asked = query(where('a'), by('b', 'DESCENDING'), by('c'));
    for (const wrong of [index('a', 'b', 'c'), index('-b', 'c'), { ...index('a', '-b', 'c'), collection: 'd' }])
      expect(() => checkIndexed(asked, [wrong])).toThrow('The query requires an index');
    expect(() => checkIndexed(asked, [{ ...index('a', '-b', 'c'), queryScope: 'COLLECTION_GROUP' }])).toThrow(
      'requires an index',
    );
  });
});
