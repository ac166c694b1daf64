import { type Attributes, at, eachText, type Resource, resourcesOf, type TerraformJson } from '../../support/synth';

/** A rule for every resource of every environment. It must match some resources, and refuse a planted fault. */
export interface Rule {
  readonly name: string;
  readonly reason: string;
  readonly types: RegExp;
  /** Only these of the types. @default all */
  readonly where?: (resource: Resource) => boolean;
  /** Returns the fault of a resource; `undefined` if there is none. */
  readonly wrong: (resource: Resource, json: TerraformJson) => string | undefined;
  /** A resource that breaks the rule; its type is one of `types`. */
  readonly planted: { readonly type: string; readonly path?: string; readonly attributes: Attributes };
}

export const unless = (holds: boolean, problem: string): string | undefined => (holds ? undefined : problem);

export const texts = (value: unknown): string[] => {
  const found: string[] = [];
  eachText(value, (text) => found.push(text));
  return found;
};

export const numberAt = (attributes: Attributes, path: string): number => Number(at(attributes, path));

/** `google_x.y` of a reference such as `${google_x.y.email}`. */
export const target = (text: unknown): string =>
  /\$\{(?:data\.)?(google_\w+\.[\w-]+)\./.exec(String(text))?.[1] ?? String(text);

/** Addresses of the resources that mention `address`. */
export const usersOf = (json: TerraformJson, address: string): string[] =>
  resourcesOf(json)
    .filter((resource) => texts(resource.attributes).some((text) => text.includes(`\${${address}.`)))
    .map((resource) => resource.address);
