import { troubleIn } from '../deploy/troubles';
import { GoogleApiError } from '../google/google-api';
import type { Check, CheckContext, Finding } from './finding';

/** A check's findings; one that Google does not let look is a finding too. */
export async function runCheck({ name, run }: Check, context: CheckContext): Promise<readonly Finding[]> {
  try {
    return await run(context);
  } catch (error) {
    if (error instanceof GoogleApiError)
      return [{ what: name, missing: `cannot be looked at: ${error.message}`, remedy: wayOut(error) }];
    throw error;
  }
}

const LOGIN = "sign in as somebody who may look: 'gcloud auth application-default login'";

/** A service that is off is the one reason that a command mends. */
const wayOut = ({ message }: GoogleApiError): string => {
  const trouble = troubleIn(message);
  return trouble?.name === 'service off' ? trouble.says : LOGIN;
};

/** One line a finding, and below what is missing the way out. */
export function report(findings: readonly Finding[], ready = 'ready to deploy'): string {
  const lines = findings.flatMap(({ what, missing, remedy }) => [
    missing === undefined ? `ok       ${what}` : `MISSING  ${what}: ${missing}`,
    ...(remedy === undefined || missing === undefined ? [] : remedy.split('\n').map((line) => `         ${line}`)),
  ]);
  const count = findings.filter(({ missing }) => missing !== undefined).length;
  return `${[...lines, count === 0 ? ready : `${count} missing; nothing was changed`].join('\n')}\n`;
}
