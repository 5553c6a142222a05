import type { Proposal } from '../../core/proposal/schema.ts';

/**
 * SQL for Amazon Athena over the table of a CloudTrail trail: the calls that were denied in the last seven days, to be run a
 * week after a proposal was applied. Undefined for an access key or a password: CloudTrail does not say who called with an
 * inactive key or signed in without a password.
 * Source: https://docs.aws.amazon.com/athena/latest/ug/cloudtrail-logs.html
 */
export function denialsQuery(proposal: Proposal): string | undefined {
  const { roles, users } = affectedBy(proposal);
  if (roles.length + users.length === 0) return undefined;
  const who = [
    ...anyOf('useridentity.sessioncontext.sessionissuer.arn', roles),
    ...anyOf('useridentity.arn', users),
  ];
  return [
    "-- Amazon Athena; replace cloudtrail_logs with the name of your trail's table.",
    '-- Data events, such as reads of S3 objects, are included only if the trail records them.',
    'SELECT eventtime, eventsource, eventname, errorcode, errormessage, useridentity.arn AS caller, sourceipaddress',
    'FROM cloudtrail_logs',
    "WHERE (errorcode LIKE '%AccessDenied%' OR errorcode LIKE '%Unauthorized%')",
    "  AND from_iso8601_timestamp(eventtime) > current_timestamp - INTERVAL '7' DAY",
    `  AND (${who.join('\n    OR ')})`,
    'ORDER BY eventtime',
    '',
  ].join('\n');
}

interface Affected {
  readonly roles: readonly string[];
  readonly users: readonly string[];
}

function affectedBy(proposal: Proposal): Affected {
  if ('subject' in proposal) {
    const { roles, users, groups } = proposal.holders;
    return { roles, users: [...new Set([...users, ...groups.flatMap(({ members }) => members)])] };
  }
  const { kind, principal } = proposal;
  if (kind === 'remove-access-key' || kind === 'remove-password') return { roles: [], users: [] };
  return principal.type === 'role'
    ? { roles: [principal.arn], users: [] }
    : { roles: [], users: [principal.arn] };
}

function anyOf(column: string, arns: readonly string[]): readonly string[] {
  if (arns.length === 0) return [];
  const texts = arns.map((arn) => `'${arn.replaceAll("'", "''")}'`);
  return [
    texts.length === 1
      ? `${column} = ${texts[0] ?? ''}`
      : `${column} IN (\n      ${texts.join(',\n      ')})`,
  ];
}
