import { DOCS_STYLE } from './docs-style';
import type { OpenApiDocument } from './document';
import { GUIDES, guideSetup } from './guides';

/** Response headers by name. The page has no script and loads nothing. */
export const DOCS_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

type DocumentedOperation = NonNullable<NonNullable<OpenApiDocument['paths']>[string]['get']>;
type DocumentedSchema = NonNullable<NonNullable<OpenApiDocument['components']>['schemas']>[string];
type Parameter = NonNullable<DocumentedOperation['parameters']>[number];
type DocumentedAnswer = NonNullable<DocumentedOperation['responses']>[string];

const METHODS = ['get', 'post', 'patch', 'put', 'delete'] as const;

/** The OpenAPI document for people: one page, by tag, with every field and every error. */
export function docsPage(document: OpenApiDocument): string {
  const operations = operationsOf(document);
  const tags = (document.tags ?? []).map(({ name, description = '' }) => ({
    name,
    description,
    listed: operations.filter(({ operation }) => operation.tags?.includes(name)),
  }));
  const sections = tags.map(
    ({ name, description, listed }) =>
      `<h2 id="${text(name)}">${text(name)}</h2>${paragraphs(description)}${listed.map(operationSection).join('')}`,
  );
  const contents = tags.map(({ name, listed }) => contentsOf(name, listed));
  const schemas = Object.entries(document.components?.schemas ?? {}).map(schemaSection);
  const { title, description = '' } = document.info;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(title)} API</title><style>${DOCS_STYLE}</style></head>
<body><nav aria-label="Guides and operations"><p><a href="#guides">guides</a></p><ul>${guideLinks}</ul>
${contents.join('')}
<p><a href="#events">events</a></p><p><a href="#schemas">schemas</a></p></nav>
<main><h1>${text(title)} API</h1>${paragraphs(description)}
<p>For programs: <a href="openapi.json"><code>openapi.json</code></a></p>
${guideSections(document.servers?.[0]?.url ?? '')}${sections.join('')}
<h2 id="events">events</h2>${eventSections(document)}
<h2 id="schemas">schemas</h2>${schemas.join('')}</main></body></html>`;
}

const guideLinks = GUIDES.map(({ id, title }) => `<li><a href="#${id}">${title}</a></li>`).join('');
const code = (language: string, lines: string): string => `<pre class="${language}">${text(lines)}</pre>`;
const guideSections = (origin: string): string =>
  `<h2 id="guides">guides</h2><section><p>In a shell, before all others:</p>` +
  `${code('curl', guideSetup(origin))}</section>` +
  GUIDES.map(
    ({ id, title, words, curl, node }) =>
      `<section id="${id}"><h3>${title}</h3>${paragraphs(words)}${code('curl', curl)}<p>The same in Node:</p>` +
      `${code('node', node)}</section>`,
  ).join('');

function contentsOf(tag: string, listed: readonly ListedOperation[]): string {
  const items = listed.map(({ id, operation }) => `<li><a href="#${id}">${text(operation.summary ?? '')}</a></li>`);
  return `<p><a href="#${text(tag)}">${text(tag)}</a></p><ul>${items.join('')}</ul>`;
}

const heading = (method: string, path: string): string =>
  `<h3><b class="${method.toLowerCase()}">${method}</b> <code>${text(path)}</code></h3>`;

interface ListedOperation {
  id: string;
  method: string;
  path: string;
  operation: DocumentedOperation;
}

const operationsOf = ({ paths = {} }: OpenApiDocument): ListedOperation[] =>
  Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      return operation === undefined
        ? []
        : [{ id: text(operation.operationId ?? path), method: method.toUpperCase(), path, operation }];
    }),
  );

function operationSection({ id, method, path, operation }: ListedOperation): string {
  const { summary = '', description = '', parameters = [], requestBody, responses = {} } = operation;
  const body = requestBody === undefined || '$ref' in requestBody ? '' : mediaTypes(requestBody.content);
  const answers = Object.entries(responses).map(answerRow).join('');
  return `<section id="${id}">${heading(method, path)}<p>${text(summary)}; ${neededBy(operation)}.</p>
${paragraphs(description)}
${parameters.length === 0 ? '' : `<h4>Parameters</h4><table>${parameters.map(parameterRow).join('')}</table>`}
${body === '' ? '' : `<h4>Body</h4><p>${body}</p>`}<h4>Answers</h4><table>${answers}</table></section>`;
}

/** Every event of a webhook, with its example. */
const eventSections = ({ webhooks = {} }: OpenApiDocument): string =>
  Object.entries(webhooks)
    .map(([type, item]) => {
      const { summary = '', requestBody } = item.post ?? {};
      const content = requestBody === undefined || '$ref' in requestBody ? {} : requestBody.content;
      const example = JSON.stringify(content['application/json']?.example, undefined, 2);
      return `<section><h3><code>${text(type)}</code></h3>${paragraphs(summary)}<pre>${text(example)}</pre></section>`;
    })
    .join('');

/** Credentials of operations that need no permission. */
const CREDENTIALS: Readonly<Record<string, string>> = {
  hookSecret: 'needs the hook secret',
  streamKey: 'needs the stream key',
  playToken: 'a gated stream needs the play token of a grant',
  renewalToken: 'needs the renewal token of the grant',
  playlistToken: 'needs the token in the grant’s URL',
};

function neededBy(operation: DocumentedOperation): string {
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

const answerRow = ([status, answer]: [string, DocumentedAnswer]): string =>
  '$ref' in answer ? '' : row(status, mediaTypes(answer.content), paragraphs(answer.description ?? ''));

const mediaTypes = (content: Readonly<Record<string, { schema?: unknown }>> = {}): string =>
  Object.entries(content)
    .map(([type, { schema }]) => `${schema === undefined ? '' : typeOf(schema)} <small>${text(type)}</small>`)
    .join(', ');

function schemaSection([name, schema]: [string, DocumentedSchema]): string {
  const fields = 'properties' in schema ? (schema.properties ?? {}) : {};
  const required = 'required' in schema ? (schema.required ?? []) : [];
  const rows = Object.entries(fields).map(([field, of]) =>
    row(
      `<code>${text(field)}</code>`,
      required.includes(field) ? '' : 'optional',
      typeOf(of),
      inline(wordOf(of, 'description')),
    ),
  );
  const whole = rows.length === 0 ? `<p>${typeOf(schema)}</p>` : `<table>${rows.join('')}</table>`;
  const description = paragraphs(wordOf(schema, 'description'));
  return `<section id="${text(name)}"><h3>${text(name)}</h3>${description}${whole}</section>`;
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
  if (Array.isArray(schema.enum))
    return schema.enum.map((each) => `<code>${text(JSON.stringify(each))}</code>`).join(' | ');
  const bounds = BOUNDS.filter((bound) => bound in schema).map(
    (bound) => `${bound} <code>${text(shown(schema[bound]))}</code>`,
  );
  const words = [nameOf(schema), ...bounds].filter((word) => word !== '');
  return words.join(', ');
}

/** A pattern as it is written; anything else as JSON. */
const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

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

const ESCAPED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const text = (words: string): string => words.replace(/[&<>"']/g, (character) => ESCAPED[character] ?? character);
