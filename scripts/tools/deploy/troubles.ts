/** A known trouble that stops Terraform. */
export interface Trouble {
  readonly name: string;
  /** The cause and its remedy: one message. */
  readonly says: string;
  /** Seconds after which the same command succeeds by itself. */
  readonly waitSeconds?: number;
}

const SIGN_IN = "sign in again with 'gcloud auth application-default login', or give a new GOOGLE_OAUTH_ACCESS_TOKEN";

type KnownTrouble = Omit<Trouble, 'says'> & {
  readonly pattern: RegExp;
  readonly says: (match: RegExpExecArray) => string;
};

/** The known troubles: the first that matches is reported, so the gravest stand first. */
const KNOWN: readonly KnownTrouble[] = [
  {
    name: 'two operators',
    pattern: /Error acquiring the state lock[\s\S]*?ID:\s+(\S+)[\s\S]*?Who:\s+(\S+)[\s\S]*?Created:\s+([^\n]+)/,
    says: ([, id = '', who = '', since = '']) =>
      `${who} deploys it since ${since.trim()}: wait until that ends; if it broke off, 'terraform force-unlock ` +
      `${id}' in the stack's folder`,
  },
  {
    name: 'run not let in',
    pattern: /rejected by the attribute condition|iam\.serviceAccounts\.getAccessToken' denied/,
    says: () =>
      "this run may not act as the environment's deployer: `ci` in infra/config/platform.ts names the repository " +
      "whose runs may; after a change 'npx cdktf-cli@0.21.0 deploy bootstrap'",
  },
  {
    name: 'expired credentials',
    pattern:
      /invalid_grant|invalid_rapt|Error 401|UNAUTHENTICATED|invalid authentication credentials|could not find default credentials/,
    says: () => `the credentials are invalid or expired: ${SIGN_IN}; nothing is lost, run the same command again`,
  },
  {
    name: 'lock file',
    pattern:
      /Provider dependency changes detected|doesn't match any of the\s+checksums|locked provider\s+\S+\s+\S+\s+does not match/,
    says: () =>
      "the plugin is another than the one that infra/locks names: after a new provider version delete the stack's " +
      'file there and say the same again; else the download is not what was deployed with',
  },
  {
    name: 'protected',
    pattern: /Instance cannot be destroyed[\s\S]*?Resource\s+(\S+)\s+has\s+lifecycle\.prevent_destroy/,
    says: ([, address = '']) => `${address} is protected and would be destroyed; nothing was changed`,
  },
  {
    name: 'quota',
    pattern: /Quota '(\w+)' exceeded\.\s+Limit: ([\d.]+)/,
    says: ([, metric = '', limit = '']) =>
      `quota ${metric} is ${limit}: request more at https://console.cloud.google.com/iam-admin/quotas, then run ` +
      'the same command again',
  },
  {
    name: 'service off',
    pattern: /(\S+\.googleapis\.com) has not been used in project (\S+) before or it is disabled/,
    says: ([, service = '', project = '']) =>
      `${service} is off: 'gcloud services enable ${service} --project=${project}'`,
  },
  {
    name: 'policy',
    pattern: /do not belong to a permitted customer|Constraint (constraints\/[\w.]+) violated/,
    says: ([, constraint = 'constraints/iam.allowedPolicyMemberDomains']) =>
      `the organisation's policy ${constraint} is in the way: npm run preflight prints what an administrator has ` +
      'to allow',
  },
  {
    name: 'secret without a value',
    pattern: /Secret \S*?secrets\/([\w-]+)\/versions\/latest was not found/,
    says: ([, secret = '']) => `secret ${secret} has no value: 'npm run keys -- <env> init' makes one`,
  },
  {
    name: 'metric not seen yet',
    pattern: /Cannot find metric\(s\) that match type/,
    says: () => 'Cloud Monitoring does not know a new log metric yet, which takes up to ten minutes',
    waitSeconds: 120,
  },
  {
    name: 'Eventarc not awake yet',
    pattern: /using the Eventarc Service Agent/,
    says: () => "Eventarc's own account does not work yet, which takes some minutes",
    waitSeconds: 60,
  },
  {
    name: 'grant not seen yet',
    pattern: /Build failed[\s\S]*?You must grant Storage Object Viewer/,
    says: () => 'a grant to the account that builds functions does not work yet, which takes a minute or two',
    waitSeconds: 60,
  },
];

/** Returns the known trouble that stopped Terraform, if there is one; a temporary one only if there is no other. */
export function troubleIn(said: string): Trouble | undefined {
  for (const { name, pattern, says, waitSeconds } of KNOWN) {
    const match = pattern.exec(said);
    if (match !== null) return { name, says: says(match), ...(waitSeconds !== undefined && { waitSeconds }) };
  }
  return undefined;
}
