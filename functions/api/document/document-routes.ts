import { ROUTES } from '../../contract/routes';
import type { ApiDeps } from '../api-deps';
import type { ApiApp } from '../requests/operation';
import { DOCS_HEADERS, docsPage } from './docs-page';
import { documentOf } from './document';

/** The document for programs, and the same for people. For anybody. */
export function documentRoutes(app: ApiApp, deps: ApiDeps): void {
  const document = documentOf(app, deps);
  app.get(ROUTES.api.openapi, (c) => c.json(document()));
  app.get(ROUTES.api.docs, (c) => c.html(docsPage(document()), 200, DOCS_HEADERS));
}
