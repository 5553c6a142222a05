import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../lambda/adapters/node.ts';
import type { PrincipalRef } from '../../../lambda/core/model/principal.ts';
import type { Plan } from '../../../lambda/core/plan/schema.ts';
import { buildRemoval } from '../../../lambda/core/proposal/build-removal.ts';
import type { RemovalProposal } from '../../../lambda/core/proposal/schema.ts';
import { applyView, renderCommands, type StepView } from '../../../lambda/report/proposal/how-to-apply.ts';
import { awsCommand } from '../../../lambda/report/text/shell.ts';
import { denialsQuery } from '../../../lambda/report/proposal/denials-query.ts';
import { articleProposal } from '../proposals.ts';

const ARN = 'arn:aws:iam::123456789012:policy/Own';
const ID = '0123456789abcdef0123456789abcdef';

const CHECK_NOTHING =
  'These AWS calls are for reading. They check nothing: neither that everything is still as it was analysed, nor that the previous call succeeded. File names are relative to the folder of the proposal.';

const commandsOf = (steps: readonly StepView[]): readonly string[] =>
  steps.flatMap(({ commands }) => commands.map(({ command }) => command.replaceAll(' \\\n  ', ' ')));

const USER: PrincipalRef = {
  arn: 'arn:aws:iam::123456789012:user/ana',
  type: 'user',
  name: 'ana',
  path: '/',
  accountId: '123456789012',
};

function removal(kind: RemovalProposal['kind']): RemovalProposal {
  return buildRemoval({
    kind,
    principal:
      kind === 'remove-role'
        ? { ...USER, arn: 'arn:aws:iam::123456789012:role/Old', type: 'role', name: 'Old' }
        : USER,
    ...(kind === 'remove-access-key' ? { accessKeyId: 'AKIAIOSFODNN7EXAMPLE' } : {}),
    lastAccessed: undefined,
    finding: { id: 'f', analyzerArn: null, findingType: 'UnusedIAMRole', updatedAt: null },
    digest: sha256,
  });
}

/** A new default version, with the call that may be needed to make room for it. */
const VERSION_PLAN: Plan = {
  checks: [],
  apply: [
    {
      op: 'create-default-version',
      policyArn: ARN,
      versionId: 'v3',
      before: { file: 'policies/0-Own.before.json', digest: '' },
      after: { file: 'policies/0-Own.after.json', digest: '' },
      why: 'grants 3 actions less',
      calls: [
        {
          call: 'DeletePolicyVersion',
          parameters: { PolicyArn: ARN, VersionId: 'OLDEST' },
          when: 'the policy has five versions',
        },
        {
          call: 'CreatePolicyVersion',
          parameters: {
            PolicyArn: ARN,
            PolicyDocument: 'file://policies/0-Own.after.json',
            SetAsDefault: true,
          },
        },
      ],
    },
  ],
  rollback: [],
  documents: [],
  irreversible: null,
  freeFirst: [],
  afterwards: ['tell the owner'],
};

describe('how a proposal is applied', () => {
  const { proposal } = articleProposal();
  const { updatedAt } = proposal.finding;
  const dated = updatedAt === null ? '' : ` They are based on the finding as of ${updatedAt}.`;

  it("follows the proposal's own plan, below the command that checks first", () => {
    const view = applyView({ ...proposal, proposalId: ID, plan: VERSION_PLAN });
    expect(view).toEqual({
      guarded: `npx --no-install unused-access-refiner apply proposals/123456789012/role/article-role/${ID}`,
      folder: `proposals/123456789012/role/article-role/${ID}`,
      about: `${CHECK_NOTHING}${dated}`,
      look: [],
      freeFirst: [],
      apply: [
        {
          title: `Create a new default version of ${ARN} (policies/0-Own.after.json)`,
          why: 'grants 3 actions less',
          commands: [
            { command: `aws iam get-policy \\\n  --policy-arn ${ARN}`, isReading: true, when: undefined },
            {
              command: `aws iam list-policy-versions \\\n  --policy-arn ${ARN}`,
              isReading: true,
              when: undefined,
            },
            {
              command: `aws iam create-policy-version \\\n  --policy-arn ${ARN} \\\n  --policy-document file://policies/0-Own.after.json \\\n  --set-as-default`,
              isReading: false,
              when: undefined,
            },
          ],
        },
      ],
      rollback: [],
      final: [
        {
          title: `Make room for a new version of ${ARN}`,
          why: undefined,
          commands: [
            {
              command: `aws iam list-policy-versions \\\n  --policy-arn ${ARN}`,
              isReading: true,
              when: 'the policy has five versions',
            },
            {
              command: `aws iam get-policy-version \\\n  --policy-arn ${ARN} \\\n  --version-id OLDEST`,
              isReading: true,
              when: undefined,
            },
            {
              command: `aws iam delete-policy-version \\\n  --policy-arn ${ARN} \\\n  --version-id OLDEST`,
              isReading: false,
              when: undefined,
            },
          ],
        },
      ],
      denials: expect.stringContaining(
        "useridentity.sessioncontext.sessionissuer.arn = 'arn:aws:iam::123456789012:role/article-role'",
      ) as string,
      remarks: ['Tell the owner'],
    });
  });

  it('separates the deletion of a role from what can be undone', () => {
    const view = applyView(removal('remove-role'));
    expect(commandsOf(view.look)).toEqual([
      'aws iam get-role --role-name Old --query Role.AssumeRolePolicyDocument',
    ]);
    expect(commandsOf(view.apply)).toEqual([
      'aws iam get-role-policy --role-name Old --policy-name unused-access-refiner-quarantine',
      'aws iam put-role-policy --role-name Old --policy-name unused-access-refiner-quarantine --policy-document file://policies/unused-access-refiner-quarantine.json',
    ]);
    expect(commandsOf(view.rollback)).toEqual([
      'aws iam get-role-policy --role-name Old --policy-name unused-access-refiner-quarantine',
      'aws iam delete-role-policy --role-name Old --policy-name unused-access-refiner-quarantine',
    ]);
    expect(commandsOf(view.final)).toEqual([
      'aws iam list-instance-profiles-for-role --role-name Old',
      'aws iam list-attached-role-policies --role-name Old',
      'aws iam list-role-policies --role-name Old',
      'aws iam delete-role --role-name Old',
    ]);
  });

  it('deactivates a key, and shows its deletion separately', () => {
    const view = applyView(removal('remove-access-key'));
    expect(commandsOf(view.apply)).toEqual([
      'aws iam list-access-keys --user-name ana',
      'aws iam update-access-key --user-name ana --access-key-id AKIAIOSFODNN7EXAMPLE --status Inactive',
    ]);
    expect(commandsOf(view.final)).toEqual([
      'aws iam list-access-keys --user-name ana',
      'aws iam delete-access-key --user-name ana --access-key-id AKIAIOSFODNN7EXAMPLE',
    ]);
  });

  it('shows the deletion of a password only among what cannot be undone', () => {
    const view = applyView(removal('remove-password'));
    expect(view.guarded).toMatch(
      /^npx --no-install unused-access-refiner apply proposals\/\S+ --irreversible$/,
    );
    expect(view.apply).toEqual([]);
    expect(commandsOf(view.final)).toEqual([
      'aws iam get-login-profile --user-name ana',
      'aws iam delete-login-profile --user-name ana',
    ]);
  });

  it('is printed as shell text, with the calls after the command', () => {
    expect(
      renderCommands({ ...proposal, proposalId: ID, plan: VERSION_PLAN }, "it's here").split('\n'),
    ).toEqual([
      `# Proposal ${ID} for arn:aws:iam::123456789012:role/article-role`,
      '',
      '# This command first checks that everything is still as it was analysed, and asks before it changes anything:',
      "npx --no-install unused-access-refiner apply 'it'\\''s here'",
      '',
      `# ${CHECK_NOTHING}${dated}`,
      '',
      '# ---- Apply ----',
      `# Create a new default version of ${ARN} (policies/0-Own.after.json)`,
      '#   grants 3 actions less',
      '# First see what the next call overwrites:',
      'aws iam get-policy \\',
      `  --policy-arn ${ARN}`,
      '# First see what the next call overwrites:',
      'aws iam list-policy-versions \\',
      `  --policy-arn ${ARN}`,
      'aws iam create-policy-version \\',
      `  --policy-arn ${ARN} \\`,
      '  --policy-document file://policies/0-Own.after.json \\',
      '  --set-as-default',
      '',
      '# ---- Cannot be undone ----',
      `# Make room for a new version of ${ARN}`,
      '# if the policy has five versions:',
      '# First see what the next call overwrites:',
      'aws iam list-policy-versions \\',
      `  --policy-arn ${ARN}`,
      '# First see what the next call overwrites:',
      'aws iam get-policy-version \\',
      `  --policy-arn ${ARN} \\`,
      '  --version-id OLDEST',
      'aws iam delete-policy-version \\',
      `  --policy-arn ${ARN} \\`,
      '  --version-id OLDEST',
      '',
      '# Tell the owner',
      '',
    ]);
  });

  it('includes a CloudTrail query for denials of everybody whom the change affects', () => {
    expect(denialsQuery(removal('remove-role'))).toBe(
      [
        "-- Amazon Athena; replace cloudtrail_logs with the name of your trail's table.",
        '-- Data events, such as reads of S3 objects, are included only if the trail records them.',
        'SELECT eventtime, eventsource, eventname, errorcode, errormessage, useridentity.arn AS caller, sourceipaddress',
        'FROM cloudtrail_logs',
        "WHERE (errorcode LIKE '%AccessDenied%' OR errorcode LIKE '%Unauthorized%')",
        "  AND from_iso8601_timestamp(eventtime) > current_timestamp - INTERVAL '7' DAY",
        "  AND (useridentity.sessioncontext.sessionissuer.arn = 'arn:aws:iam::123456789012:role/Old')",
        'ORDER BY eventtime',
        '',
      ].join('\n'),
    );
    expect(denialsQuery(removal('remove-access-key'))).toBeUndefined();
    expect(
      denialsQuery({ ...proposal, principal: { ...USER, arn: "arn:aws:iam::1:user/o'k/ana" } }),
    ).toContain("useridentity.arn = 'arn:aws:iam::1:user/o''k/ana'");
  });

  it('quotes for the shell whatever a name contains', () => {
    const command = awsCommand({
      call: 'CreatePolicy',
      parameters: { PolicyName: "it's; rm -rf $HOME", Tags: [{ key: 'a b', value: '"x",y' }] },
    });
    expect(command).toBe(
      `aws iam create-policy \\\n  --policy-name 'it'\\''s; rm -rf $HOME' \\\n  --tags '[{"Key":"a b","Value":"\\"x\\",y"}]'`,
    );
    expect(awsCommand({ call: 'PutRolePolicy', parameters: { RoleName: '-odd+name=' } })).toBe(
      'aws iam put-role-policy \\\n  --role-name=-odd+name=',
    );
  });
});
