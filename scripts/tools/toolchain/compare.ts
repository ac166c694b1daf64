/** The metadata that cdktf writes about itself, and about the source of a block in the program. */
const METADATA = '//';

/** A difference that is expected from bindings of another version: the source and version of the provider. */
export const PROVIDER_ONLY = /: terraform\.required_providers\.google\.(source|version)$/;

/**
 * Returns where two synthesised texts differ, metadata apart: `stacks/dev/cdk.tf.json: resource.google_x.y.name`, and
 * files only one side has. JSON is compared by its values; anything else (archives, pages) byte by byte.
 */
export function differences(
  one: Readonly<Record<string, Buffer>>,
  other: Readonly<Record<string, Buffer>>,
): readonly string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].sort().flatMap((file) => {
    const left = one[file];
    const right = other[file];
    if (left === undefined || right === undefined) return [`${file}: only on one side`];
    if (!file.endsWith('.tf.json')) return left.equals(right) ? [] : [`${file}: other bytes`];
    return apart(JSON.parse(left.toString()), JSON.parse(right.toString())).map((path) => `${file}: ${path}`);
  });
}

function apart(left: unknown, right: unknown, path: readonly string[] = []): string[] {
  if (left === right) return [];
  if (!(left instanceof Object && right instanceof Object) || Array.isArray(left) !== Array.isArray(right))
    return [path.join('.')];
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  keys.delete(METADATA);
  return [...keys].flatMap((key) => apart(Reflect.get(left, key), Reflect.get(right, key), [...path, key]));
}
