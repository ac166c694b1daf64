import { troubleIn } from '../deploy/troubles';
import { GoogleApiError } from '../google/google-api';
import type { Check, CheckContext, Finding } from './finding';

/** Runs a check and returns its findings; a refusal by Google is a finding too. */
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

/** Returns the remedy: a service that is not enabled is the only reason that a command removes. */
const wayOut = ({ message }: GoogleApiError): string => {
  const trouble = troubleIn(message);
  return trouble?.name === 'service off' ? trouble.says : LOGIN;
};

/** Writes one line for each finding, and the remedy below each missing one. */
export function report(findings: readonly Finding[], ready = 'ready to deploy'): string {
  const lines = findings.flatMap(({ what, missing, remedy }) => [
    missing === undefined ? `ok       ${what}` : `MISSING  ${what}: ${missing}`,
    ...(remedy === undefined || missing === undefined ? [] : remedy.split('\n').map((line) => `         ${line}`)),
  ]);
  const count = findings.filter(({ missing }) => missing !== undefined).length;
  return `${[...lines, count === 0 ? ready : `${count} missing; nothing was changed`].join('\n')}\n`;
}
