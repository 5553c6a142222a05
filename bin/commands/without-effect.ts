import type { Tag } from '../../lambda/core/model/principal.ts';
import type { Exclusions } from '../../lambda/ports/settings.ts';
import { readPrincipalArn } from '../../lambda/core/model/principal.ts';
import { excludedBy } from '../../lambda/use-cases/propose/skip-reason.ts';
import { isSelected } from './selection.ts';
import type { RunRecord } from '../output/run-record.ts';

/** The options and settings that select principals and may match none. */
interface PrincipalOptions {
  readonly only: readonly string[];
  readonly exclude: Exclusions;
  readonly ownerTag: string | undefined;
  /** The name of the settings file in messages. */
  readonly settingsFile: string;
}

/**
 * Remarks about patterns of `--only` that match no principal, usually because they are misspelt.
 * @param what what the principals have, for the message: `findings`
 */
export function unmatchedSelections(
  only: readonly string[],
  arns: readonly string[],
  what: 'findings' | 'proposals',
): readonly string[] {
  return only
    .filter((pattern) => !arns.some((arn) => isSelected(arn, [pattern])))
    .map(
      (pattern) => `--only ${pattern} matches none of the principals that have ${what}; is it spelt right?`,
    );
}

/** Remarks about settings that matched none of the principals with findings. One sentence each. */
export function settingsWithoutEffect(
  { only, exclude, ownerTag, settingsFile }: PrincipalOptions,
  records: readonly RunRecord[],
): readonly string[] {
  // If only some principals were handled, the settings may concern the others.
  if (only.length > 0) return [];
  const refs = records.flatMap((record) => readPrincipalArn(arnOf(record)) ?? []);
  const none = { names: [], paths: [], tags: [] };
  const isIdle = (part: Partial<Exclusions>): boolean =>
    refs.every((ref) => excludedBy({ ...none, ...part }, ref, []) === undefined);
  const idle = [
    ...exclude.names.filter((name) => isIdle({ names: [name] })).map((name) => ['excludeNames', name]),
    ...exclude.paths
      .filter((prefix) => isIdle({ paths: [prefix] }))
      .map((prefix) => ['excludePaths', prefix]),
    ...exclude.tags.filter((tag) => !isCarried(tag, records)).map(({ key }) => ['excludeTags', key]),
    ...(exclude.accounts ?? [])
      .filter((id) => refs.every(({ accountId }) => accountId !== id))
      .map((id) => ['excludeAccounts', id]),
  ];
  const proposed = records.flatMap((record) => (record.kind === 'proposed' ? [record.entry] : []));
  return [
    ...idle.map(
      ([option = '', value = '']) =>
        `${settingsFile}: ${option}: ${value} excludes none of the principals that have findings`,
    ),
    ...(ownerTag !== undefined && proposed.length > 0 && proposed.every(({ owner }) => owner === undefined)
      ? [`${settingsFile}: ownerTag: none of the principals with a proposal has the tag ${ownerTag}`]
      : []),
  ];
}

/** Whether a principal was skipped because of this tag. A run does not record tags, but the reasons for skipping. */
function isCarried({ key }: Pick<Tag, 'key'>, records: readonly RunRecord[]): boolean {
  return records.some(
    (record) =>
      record.kind === 'skipped' &&
      record.code === 'excluded' &&
      record.reason.includes(`carries the tag ${JSON.stringify(key)}`),
  );
}

/** The ARN of the principal that an outcome is about. */
export function arnOf(record: RunRecord): string {
  switch (record.kind) {
    case 'proposed':
      return record.entry.principal.arn;
    case 'unchanged':
      return record.principal.arn;
    case 'skipped':
    case 'gone':
    case 'failed':
      return record.resource;
    default:
      return record satisfies never;
  }
}
