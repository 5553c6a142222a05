import { ok, refuse, type Result } from './result.ts';
import { foldCase, isWildcard } from './matches.ts';

/**
 * One entry of an `Action` or `NotAction` element.
 *
 * `text` is what the author wrote; `service` and `action` are case-folded. `*` and `*:*` both mean every service:
 * whether IAM stores `*:*` is not documented, so it is understood but never produced.
 */
export type ActionPattern =
  | { readonly kind: 'everything'; readonly text: string }
  | {
      readonly kind: 'literal' | 'wildcard';
      readonly text: string;
      readonly service: string;
      readonly action: string;
    };

const SERVICE = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/;

/** Whether IAM accepts the text as a service prefix; its case does not matter. */
export function isServicePrefix(text: string): boolean {
  return SERVICE.test(foldCase(text));
}

/**
 * Parses one pattern, or says why IAM would not accept it. A service prefix consists of letters, digits, dots and
 * hyphens, without wildcards, and exactly one colon separates it from the action.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
 */
export function parseActionPattern(text: string): Result<ActionPattern> {
  if (text === '*' || text === '*:*') return ok({ kind: 'everything', text });
  const folded = foldCase(text);
  const colon = folded.indexOf(':');
  if (colon < 0)
    return refuse(`action ${JSON.stringify(text)} has no service prefix; write it as service:Action`);
  if (folded.indexOf(':', colon + 1) >= 0)
    return refuse(`action ${JSON.stringify(text)} has more than one colon`);
  const service = folded.slice(0, colon);
  const action = folded.slice(colon + 1);
  if (isWildcard(service)) {
    return refuse(
      `action ${JSON.stringify(text)} has a wildcard in its service prefix, which IAM does not allow`,
    );
  }
  if (!SERVICE.test(service))
    return refuse(`action ${JSON.stringify(text)} has a service prefix that IAM does not allow`);
  if (action === '') return refuse(`action ${JSON.stringify(text)} names no action after the colon`);
  if (/[^\x21-\x7e]/.test(action)) {
    return refuse(`action ${JSON.stringify(text)} has a space or a character outside ASCII in its name`);
  }
  return ok({ kind: isWildcard(action) ? 'wildcard' : 'literal', text, service, action });
}
