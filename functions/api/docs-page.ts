import type { OpenApiDocument } from './document';

/** The page has no script and asks nobody for anything. */
export const DOCS_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

type Operation = NonNullable<NonNullable<OpenApiDocument['paths']>[string]['get']>;
type Schema = NonNullable<NonNullable<OpenApiDocument['components']>['schemas']>[string];
type Parameter = NonNullable<Operation['parameters']>[number];
type Answer = NonNullable<Operation['responses']>[string];

const METHODS = ['get', 'post', 'patch', 'put', 'delete'] as const;

/** The OpenAPI document for people: one page, by tag, with every field and every error. */
export function docsPage(document: OpenApiDocument): string {
  const operations = operationsOf(document);
  const sections = (document.tags ?? []).map(({ name, description = '' }) => {
    const ofTag = operations.filter(({ operation }) => operation.tags?.includes(name));
    return ofTag.length === 0
      ? ''
      : `<h2 id="${text(name)}">${text(name)}</h2>${paragraphs(description)}${ofTag.map(operationSection).join('')}`;
  });
  const schemas = Object.entries(document.components?.schemas ?? {}).map(schemaSection);
  const contents = operations.map(
    ({ id, method, path, operation }) =>
      `<li><a href="#${id}"><code>${method} ${text(path)}</code></a> ${text(operation.summary ?? '')}</li>`,
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(document.info.title)} API</title><style>${STYLE}</style></head><body><main>
<h1>${text(document.info.title)} API</h1>${paragraphs(document.info.description ?? '')}
<p>For programs: <a href="openapi.json"><code>openapi.json</code></a></p><nav><ul>${contents.join('')}</ul></nav>
${sections.join('')}<h2 id="schemas">Schemas</h2>${schemas.join('')}</main></body></html>`;
}

interface Listed {
  id: string;
  method: string;
  path: string;
  operation: Operation;
}

const operationsOf = ({ paths = {} }: OpenApiDocument): Listed[] =>
  Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      return operation === undefined
        ? []
        : [{ id: text(operation.operationId ?? path), method: method.toUpperCase(), path, operation }];
    }),
  );

function operationSection({ id, method, path, operation }: Listed): string {
  const { summary = '', description = '', parameters = [], requestBody, responses = {} } = operation;
  const body = requestBody === undefined || '$ref' in requestBody ? '' : mediaTypes(requestBody.content);
  return `<section id="${id}"><h3><code>${method} ${text(path)}</code></h3><p>${text(summary)}; ${neededBy(operation)}.</p>${paragraphs(description)}
${parameters.length === 0 ? '' : `<h4>Parameters</h4><table>${parameters.map(parameterRow).join('')}</table>`}
${body === '' ? '' : `<h4>Body</h4><p>${body}</p>`}<h4>Answers</h4><table>${Object.entries(responses).map(answerRow).join('')}</table></section>`;
}

/** Credentials of operations that need no permission. */
const CREDENTIALS: Readonly<Record<string, string>> = {
  hookSecret: 'needs the hook secret',
  streamKey: 'needs the stream key',
  playToken: 'a gated stream needs the play token of a grant',
  renewalToken: 'needs the renewal token of the grant',
  playlistToken: 'needs the token in the grant’s URL',
};

function neededBy(operation: Operation): string {
  if ('x-permission' in operation) return `needs <code>${text(String(operation['x-permission']))}</code>`;
  const schemes = (operation.security ?? []).flatMap((each) => Object.keys(each));
  return schemes.map((name) => CREDENTIALS[name]).find((words) => words !== undefined) ?? 'for anybody';
}

function parameterRow(parameter: Parameter): string {
  if ('$ref' in parameter) return '';
  const { name, in: place, required = false, schema, description = '' } = parameter;
  return row(
    `<code>${text(name)}</code>`,
    `${place}${required ? '' : ', optional'}`,
    schema === undefined ? '' : typeOf(schema),
    inline(description),
  );
}

const answerRow = ([status, answer]: [string, Answer]): string =>
  '$ref' in answer ? '' : row(status, mediaTypes(answer.content), paragraphs(answer.description ?? ''));

const mediaTypes = (content: Readonly<Record<string, { schema?: unknown }>> = {}): string =>
  Object.entries(content)
    .map(([type, { schema }]) => `${schema === undefined ? '' : typeOf(schema)} <small>${text(type)}</small>`)
    .join(', ');

function schemaSection([name, schema]: [string, Schema]): string {
  const fields = 'properties' in schema ? (schema.properties ?? {}) : {};
  const required = 'required' in schema ? (schema.required ?? []) : [];
  const rows = Object.entries(fields).map(([field, of]) =>
    row(`<code>${text(field)}</code>`, required.includes(field) ? '' : 'optional', typeOf(of), inline(wordOf(of, 'description'))),
  );
  const whole = rows.length === 0 ? `<p>${typeOf(schema)}</p>` : `<table>${rows.join('')}</table>`;
  return `<section id="${text(name)}"><h3>${text(name)}</h3>${paragraphs(wordOf(schema, 'description'))}${whole}</section>`;
}

const wordOf = (value: unknown, key: string): string => {
  const found = isRecord(value) ? value[key] : undefined;
  return typeof found === 'string' ? found : '';
};
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const BOUNDS = [
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'maxProperties',
  'pattern',
  'format',
  'default',
];

/** A schema in a few words; objects of their own are a link. */
function typeOf(schema: unknown): string {
  if (!isRecord(schema)) return '';
  const reference = /^#\/components\/schemas\/(\w+)$/.exec(wordOf(schema, '$ref'))?.[1];
  if (reference !== undefined) return `<a href="#${reference}">${reference}</a>`;
  const choices = [schema.anyOf, schema.oneOf, schema.allOf].find(Array.isArray);
  if (choices !== undefined) return choices.map(typeOf).join(' | ');
  if (Array.isArray(schema.enum)) return schema.enum.map((each) => `<code>${text(JSON.stringify(each))}</code>`).join(' | ');
  const bounds = BOUNDS.filter((bound) => bound in schema).map((bound) => `${bound} ${text(JSON.stringify(schema[bound]))}`);
  const words = [nameOf(schema), ...bounds].filter((word) => word !== '');
  return words.join(', ');
}

function nameOf(schema: Readonly<Record<string, unknown>>): string {
  const type = [schema.type]
    .flat()
    .filter((each) => typeof each === 'string')
    .join(' | ');
  if (type === 'array') return `array of ${typeOf(schema.items)}`;
  if (type !== 'object' || !isRecord(schema.properties)) return type;
  return `{ ${Object.entries(schema.properties)
    .map(([key, of]) => `<code>${text(key)}</code>: ${typeOf(of)}`)
    .join('; ')} }`;
}

const row = (...cells: string[]): string => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
const paragraphs = (words: string): string =>
  words === ''
    ? ''
    : words
        .split('\n\n')
        .map((each) => `<p>${inline(each)}</p>`)
        .join('');
const inline = (words: string): string => text(words).replace(/`([^`]+)`/g, '<code>$1</code>');

const ESCAPED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const text = (words: string): string => words.replace(/[&<>"']/g, (character) => ESCAPED[character] ?? character);

const STYLE = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;margin:0}main{max-width:62rem;margin:auto;padding:1rem}
code{font:0.9em ui-monospace,monospace}table{border-collapse:collapse;width:100%}td{border-top:1px solid #8884;padding:.3rem .6rem .3rem 0;vertical-align:top;overflow-wrap:anywhere}
section{border-top:2px solid #8886;margin-top:1.5rem}h4{margin:.8rem 0 .2rem}td p{margin:0}nav ul{padding-left:1.2rem}small{opacity:.7}`;
