import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { type Document, type Operation, operationsOf } from './document';

/** Holds every answer against the document, and remembers which of the documented ones came. */
export class Judge {
  readonly operations: readonly Operation[];
  private readonly ajv = new Ajv2020({ strict: false, allErrors: true });
  private readonly compiled = new Map<string, ValidateFunction>();
  private readonly seen = new Set<string>();

  constructor(document: Document) {
    this.operations = operationsOf(document);
    addFormats(this.ajv);
    for (const format of ['ipv4-cidr', 'ipv6-cidr']) this.ajv.addFormat(format, { validate: isBlock(format) });
    this.ajv.addSchema({ $id: 'api', components: document.components });
  }

  operation(operationId: string): Operation {
    const found = this.operations.find((each) => each.operationId === operationId);
    if (found === undefined) throw new Error(`the document has no operation '${operationId}'`);
    return found;
  }

  /** Returns the differences of the answer from the document: empty is right. */
  async judge(operation: Operation, answer: Response): Promise<string[]> {
    const documented = operation.responses[`${answer.status}`];
    const text = await answer.text();
    if (documented === undefined)
      return [`${operation.operationId} answers ${answer.status}, which is not documented: ${text}`];
    const wrong = Object.keys(documented.headers).filter((name) => !answer.headers.has(name));
    const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
    const media = documented.content[type];
    const body: unknown = /json$/.test(type) && media !== undefined ? JSON.parse(text) : text;
    if (media === undefined && (text !== '' || Object.keys(documented.content).length > 0))
      wrong.push(`answers '${type}': ${text}`);
    if (media !== undefined) wrong.push(...this.faults(media.schema, body));
    const code = codeOf(body);
    const codes = documented['x-codes'];
    if (codes.length > 0 && !codes.includes(code)) wrong.push(`code '${code}' is not one of ${codes.join(', ')}`);
    this.seen.add(nameOf(operation, answer.status, codes.length > 0 ? code : ''));
    return wrong.map((each) => `${operation.operationId} ${answer.status}: ${each}`);
  }

  private faults(schema: object, value: unknown): string[] {
    const text = JSON.stringify(schema).replaceAll('"#/', '"api#/');
    const validate = this.compiled.get(text) ?? this.ajv.compile(JSON.parse(text));
    this.compiled.set(text, validate);
    return validate(value)
      ? []
      : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  }

  /** Answers the document promises and nobody got. */
  unseen(): string[] {
    return this.operations
      .flatMap((operation) =>
        Object.entries(operation.responses).flatMap(([status, { 'x-codes': codes }]) =>
          (codes.length === 0 ? [''] : codes).map((code) => nameOf(operation, Number(status), code)),
        ),
      )
      .filter((name) => !this.seen.has(name));
  }
}

const isBlock = (format: string) => (text: string) =>
  /^[^/]+\/[0-9]{1,3}$/.test(text) && text.includes(':') === (format === 'ipv6-cidr');

const nameOf = ({ operationId }: Operation, status: number, code: string): string =>
  `${operationId} ${status} ${code}`.trim();

const codeOf = (body: unknown): string =>
  typeof body === 'object' && body !== null && 'code' in body && typeof body.code === 'string' ? body.code : '';
