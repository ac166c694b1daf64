import { formsOf, viewsOf } from './forms';

/** The places where no secret may stand. */
export const PLACES = ['log', 'url', 'playlist', 'event', 'webhook', 'metric', 'object'] as const;
export type Place = (typeof PLACES)[number];

/** A secret that was found: which one (never its value), in what, and what that is called. */
export interface Finding {
  readonly place: Place;
  readonly where: string;
  readonly secret: string;
}

/** Secrets nobody told of are known by their shape. */
const SHAPES: Readonly<Record<string, RegExp>> = {
  'a stream key': /sk_[a-z2-7]{32}/,
  'an API key': /slk_[a-z0-9]{8}_[a-z0-9]{32}/,
  'a content secret': /slc_[a-z0-9]{40}/,
};
/** Shorter ones stand everywhere by chance. */
const SHORTEST = 16;

/**
 * The public output of a run, and the secrets that must not be in it. Secrets may be learnt after the output was seen.
 */
export class SecretScan {
  private readonly secrets = new Map<string, string>();
  private readonly contents = new Map<string, { place: Place; where: string }>();
  private readonly counts = new Map<Place, number>();

  /** `name`: what a finding calls it. */
  learn(name: string, value: string | Buffer): void {
    const bytes = Buffer.from(value);
    if (bytes.length < SHORTEST) throw new Error(`${name}: ${bytes.length} bytes are too few to be looked for`);
    this.secrets.set(bytes.toString('latin1'), name);
  }

  see(place: Place, where: string, content: string | Uint8Array): void {
    const text = Buffer.from(content).toString('latin1');
    this.counts.set(place, (this.counts.get(place) ?? 0) + 1);
    const key = `${place} ${text}`;
    if (!this.contents.has(key)) this.contents.set(key, { place, where });
  }

  /** Returns the number of things of this kind that were seen. */
  count(place: Place): number {
    return this.counts.get(place) ?? 0;
  }

  /** Kinds of which nothing was seen, of those that must be. */
  unseen(must: readonly Place[]): Place[] {
    return must.filter((place) => this.count(place) === 0);
  }

  /** Names of the secrets that are looked for. */
  known(): string[] {
    return [...new Set(this.secrets.values())];
  }

  findings(): Finding[] {
    const wanted = [...this.secrets].map(([value, name]) => ({ name, forms: formsOf(Buffer.from(value, 'latin1')) }));
    return [...this.contents].flatMap(([key, { place, where }]) => {
      const views = viewsOf(key.slice(place.length + 1));
      const told = wanted.filter(({ forms }) => views.some((view) => forms.some((form) => view.includes(form))));
      const shaped = Object.entries(SHAPES).filter(([, shape]) => views.some((view) => shape.test(view)));
      const names = [...told.map(({ name }) => name), ...shaped.map(([name]) => name)];
      return [...new Set(names)].map((secret) => ({ place, where, secret }));
    });
  }

  /** Returns where this text stands, by place: so a test sees that a planted secret is found. */
  placesOf(planted: string): Place[] {
    const scan = new SecretScan();
    scan.learn('planted', planted);
    for (const [key, { place, where }] of this.contents)
      scan.see(place, where, Buffer.from(key.slice(place.length + 1), 'latin1'));
    const places = scan.findings().flatMap(({ place, secret }) => (secret === 'planted' ? [place] : []));
    return [...new Set(places)].sort();
  }
}
