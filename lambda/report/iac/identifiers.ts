/** Gives each name an identifier of its own: `make` shapes the name, and a number tells equal shapes apart. */
export function uniqueIdentifiers(
  names: readonly string[],
  make: (name: string) => string,
): readonly string[] {
  const used = new Set<string>();
  return names.map((name) => {
    const base = make(name);
    let identifier = base;
    for (let number = 2; used.has(identifier.toLowerCase()); number += 1)
      identifier = `${base}${String(number)}`;
    used.add(identifier.toLowerCase());
    return identifier;
  });
}

/** Letters and digits only, beginning with a letter: `read+write_all` becomes `ReadWriteAll`. */
export function pascalIdentifier(name: string): string {
  const joined = name
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
  return /^[A-Za-z]/.test(joined) ? joined : `Policy${joined}`;
}

/** Lower-case letters, digits and underscores, beginning with a letter: `Read+Write` becomes `read_write`. */
export function snakeIdentifier(name: string): string {
  const joined = name
    .replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  return /^[a-z]/.test(joined) ? joined : `policy_${joined}`;
}
