/** Style of the API's page. */
export const DOCS_STYLE = `
  :root { color-scheme: light dark; --line: #8884; --card: #8881; --accent: #0a5fb4 }
  @media (prefers-color-scheme: dark) { :root { --accent: #5ab0ff } }
  * { box-sizing: border-box }
  body { font: 16px/1.5 system-ui, sans-serif; margin: 0; display: grid; gap: 2rem }
  body { grid-template-columns: 17rem minmax(0, 60rem) }
  a { color: var(--accent); text-decoration: none }
  a:hover { text-decoration: underline }
  code, pre { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; white-space: pre-wrap }
  nav { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 1rem; font-size: .9rem }
  nav { border-right: 1px solid var(--line) }
  nav p { margin: .9rem 0 .2rem; font-weight: 600 }
  nav ul { list-style: none; margin: 0; padding: 0 }
  nav li { padding: .1rem 0 }
  main { padding: 1rem 1rem 4rem 0 }
  h2 { margin: 3rem 0 .5rem; text-transform: capitalize }
  h3 { margin: 0; font-size: 1.05rem; overflow-wrap: anywhere }
  h4 { margin: 1rem 0 .2rem; font-size: .9rem }
  section { background: var(--card); border: 1px solid var(--line); border-radius: .5rem }
  section { padding: 1rem; margin: 1rem 0; scroll-margin-top: 1rem }
  table { border-collapse: collapse; width: 100%; font-size: .92rem }
  td { border-top: 1px solid var(--line); padding: .35rem 1rem .35rem 0; vertical-align: top }
  td { overflow-wrap: break-word }
  td:first-child { white-space: nowrap }
  td p, section > p { margin: .3rem 0 }
  td p:first-child { margin-top: 0 }
  small { opacity: .7 }
  b { display: inline-block; min-width: 4.2rem; padding: .05rem .4rem; border-radius: .3rem }
  b { color: #fff; background: #5b6673; font-size: .8rem; text-align: center }
  b.get { background: #0a5fb4 }
  b.post { background: #1a7f4b }
  b.patch { background: #8a5a00 }
  b.delete { background: #b3261e }
  @media (max-width: 52rem) {
    body { display: block }
    nav { position: static; height: auto; max-height: 14rem; border: 0; border-bottom: 1px solid var(--line) }
    main { padding: 1rem }
  }
`;
