import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { FRAMED_PAGES, framedPageHeaders, pageHeaders } from '../../../infra/constructs/network/page-headers';
import { close, listen } from '../../../scripts/emulators/server/listen';

const ROOT = join(__dirname, '../../..');
const TYPES: Readonly<Record<string, string>> = { html: 'text/html', js: 'text/javascript', css: 'text/css' };

/**
 * The pages of this tree, built and served on loopback. What stands beside them on the public host `beside` answers:
 * true when it did.
 */
export function builtPages(beside: (pathname: string, response: ServerResponse) => boolean = () => false) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (beside(pathname, response)) return;
    try {
      const content = readFileSync(join(ROOT, 'dist/web', pathname));
      const type = TYPES[pathname.split('.').at(-1) ?? ''] ?? 'text/plain';
      const headers = FRAMED_PAGES.includes(pathname) ? framedPageHeaders() : pageHeaders();
      response.writeHead(200, { 'content-type': type, ...headers }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  return {
    /** Builds them and answers with their origin. */
    start: async (): Promise<string> => {
      execFileSync(process.execPath, ['-e', "import('./scripts/build/web.mjs').then(({ buildWeb }) => buildWeb())"], {
        cwd: ROOT,
      });
      return `http://127.0.0.1:${await listen(server, 0, 'pages')}`;
    },
    stop: () => close(server),
  };
}
