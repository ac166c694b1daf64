import { CliError } from '../google/cli-error';
import { runCommandLine } from '../google/command';
import { connect } from '../google/connect';
import { StackJson } from '../google/stack-json';
import { rollBackFunctions } from './functions';
import { rollBackNodes } from './nodes';

const USAGE = `usage: npm run rollback -- <env> functions [name ...]
       npm run rollback -- <env> nodes --image <tag or digest>

Rolls back within seconds, without a deploy. The next deploy goes forward again.
  functions   send requests to the revision before the current one, of the named functions or of all
    --forward   send them to the newest revision again
  nodes       start new nodes from an image that is in the registry. Running nodes keep theirs until their publishers
              have left`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

runCommandLine(USAGE, { forward: { type: 'boolean' }, image: { type: 'string' } }, async ({ values, positionals }) => {
  const [environment, what, ...names] = positionals;
  const image: unknown = Reflect.get(values, 'image');
  const isFunctions = what === 'functions' && image === undefined;
  const isNodes = what === 'nodes' && typeof image === 'string' && names.length === 0 && !('forward' in values);
  if (environment === undefined || environment === 'bootstrap' || !(isFunctions || isNodes)) throw new CliError(USAGE);
  const stack = await StackJson.open(environment);
  const api = await connect(stack.projectId);
  if (isFunctions) await rollBackFunctions({ api, stack, say }, names, 'forward' in values);
  else await rollBackNodes({ api, stack, say, now: new Date() }, String(image));
  return 0;
});
