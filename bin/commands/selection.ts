import { InvalidArgumentError, Option } from 'commander';
import { matchesPattern } from '../../lambda/core/pattern/matches.ts';

/** The exit status if nothing failed and a state that `--fail-on` names occurred. */
export const FOUND = 3;

export const onlyOption = (): Option =>
  new Option(
    '--only <pattern>',
    'only principals whose name, role/NAME or user/NAME, or ARN matches; * and ? are wildcards; may be repeated',
  )
    .argParser(collect)
    .default([], 'all');

/** @param states the allowed values, as in the output of `--json` */
export const failOnOption = (states: readonly string[]): Option =>
  new Option(
    '--fail-on <state>',
    `end with status ${String(FOUND)} if there is such an outcome; may be repeated (choices: ${states.join(', ')})`,
  )
    .argParser((value: string, earlier: readonly string[] = []) => {
      if (!states.includes(value)) throw new InvalidArgumentError(`expected one of ${states.join(', ')}.`);
      return [...earlier, value];
    })
    .default([], 'none');

/** Whether one of the patterns matches a principal; true if there are no patterns. */
export function isSelected(arn: string, patterns: readonly string[]): boolean {
  if (patterns.length === 0) return true;
  const [, type = '', name = ''] = /:(role|user)\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
  const texts = [arn, name, `${type}/${name}`];
  return patterns.some((pattern) => texts.some((text) => matchesPattern(pattern, text)));
}

function collect(value: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, value];
}
