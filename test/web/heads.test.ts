import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const pages = execFileSync('git', ['ls-files', 'web/*.html'], { encoding: 'utf8' }).trim().split('\n');

/** Lines of a page up to its body, without its title, its script, and what the script needs. */
const sharedHead = (html: string): string[] =>
  html
    .slice(0, html.indexOf('<body'))
    .split('\n')
    .filter(
      (line) => !/^ *<(title>|link rel="modulepreload"|script type="module" src="[\w-]+\.js"><\/script>)/.test(line),
    )
    // The page for addresses without one stands at any depth, and names its files from the root.
    .map((line) => line.replace('href="/', 'href="'));

it('all pages have one head, but for their title and their script', () => {
  expect(pages.length).toBeGreaterThan(5);
  const [first = '', ...others] = pages;
  const head = sharedHead(readFileSync(first, 'utf8'));
  expect(head.join('\n')).toContain('name="referrer" content="no-referrer"');
  for (const page of others) expect({ page, head: sharedHead(readFileSync(page, 'utf8')) }).toEqual({ page, head });
});

it('a page whose head says something else is found', () => {
  const page = '<head>\n  <title>A</title>\n  <meta name="referrer" content="origin" />\n</head>\n<body>';
  expect(sharedHead(page)).toContain('  <meta name="referrer" content="origin" />');
});
