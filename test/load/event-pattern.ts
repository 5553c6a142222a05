/** A pattern of EventBridge, as far as the stack's rules use the language. */
export type EventPattern = Readonly<Record<string, unknown>>;

/**
 * Whether a rule matches an event. What is not understood is an error: a rule that silently matched nothing would look
 * like lost events. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 * @throws Error for an operator that is not simulated
 */
export function matchesEvent(pattern: EventPattern, event: unknown): boolean {
  return Object.entries(pattern).every(([name, wanted]) => {
    const actual: unknown =
      typeof event === 'object' && event !== null ? Reflect.get(event, name) : undefined;
    if (!Array.isArray(wanted)) return matchesEvent(wanted as EventPattern, actual);
    const values: readonly unknown[] = Array.isArray(actual) ? actual : [actual];
    return wanted.some((one: unknown) => values.some((value) => matchesValue(one, value)));
  });
}

function matchesValue(wanted: unknown, value: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return wanted === value;
  const [operator = '', argument] = Object.entries(wanted)[0] ?? [];
  const text = typeof value === 'string' ? value : undefined;
  if (operator === 'wildcard') return text !== undefined && asExpression(String(argument)).test(text);
  if (operator === 'prefix') return text?.startsWith(String(argument)) === true;
  if (operator === 'suffix') return text?.endsWith(String(argument)) === true;
  throw new Error(`the load model does not know the pattern operator ${operator}`);
}

function asExpression(wildcard: string): RegExp {
  const parts = wildcard.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}
