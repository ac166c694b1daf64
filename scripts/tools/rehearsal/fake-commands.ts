import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** `gcloud`, reduced to the calls of the stacks. */
const GCLOUD = `#!/bin/sh
for word in "$@"; do
  case "$word" in
    --service=*) service="\${word#--service=}" ;;
    --project=*) project="\${word#--project=}" ;;
  esac
done
case "$*" in
  *'services identity create'*) ;;
  *) echo "this gcloud does not know: $*" >&2; exit 1 ;;
esac
of_project=serviceusage.googleapis.com/v1beta1/projects/$project
exec "$REHEARSAL_NODE" -e '
const [url, token] = process.argv.slice(1);
fetch(url, { method: "POST", headers: { authorization: "Bearer " + token } }).then(async (answer) => {
  if (!answer.ok) { console.error(await answer.text()); process.exitCode = 1; }
});' "$SRS_LIVE_GOOGLE_ENDPOINT/$of_project/services/$service:generateServiceIdentity" "$GOOGLE_OAUTH_ACCESS_TOKEN"
`;

/** `sleep`: a stack that waits for Google advances the stand-in's clock instead. */
const SLEEP = `#!/bin/sh
exec "$REHEARSAL_NODE" -e 'fetch(process.argv[1], { method: "POST" })' \\
  "$SRS_LIVE_GOOGLE_ENDPOINT/_clock?advance=\${1%s}"
`;

/** Writes the commands that a stack's provisioners call, into a folder that stands first in `PATH`. */
export async function fakeCommands(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries({ gcloud: GCLOUD, sleep: SLEEP })) {
    await writeFile(join(folder, name), text);
    await chmod(join(folder, name), 0o755);
  }
}
