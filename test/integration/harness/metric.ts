/** The sum of a metric over all its log lines in CloudWatch's embedded format; undefined where it was never emitted. */
export function metric(log: string, name: string): number | undefined {
  const values = log
    .split('\n')
    .filter((line) => line.includes('"_aws"'))
    .flatMap((line) => {
      const value: unknown = (JSON.parse(line) as Record<string, unknown>)[name];
      if (typeof value === 'number') return [value];
      return Array.isArray(value) ? value.filter((one) => typeof one === 'number') : [];
    });
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
}
