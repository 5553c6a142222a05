import { describe, expect, it } from 'vitest';
import type { RefineProposal } from '../../../lambda/core/proposal/schema.ts';
import { applyView, type StepView } from '../../../lambda/report/proposal/apply-steps.ts';
import { awsCommand } from '../../../lambda/report/html/aws-command.ts';
import { articleProposal } from '../proposals.ts';

const commandsOf = (steps: readonly StepView[]): readonly string[] =>
  steps.flatMap(({ commands }) => commands.map(({ command }) => command.replaceAll(' \\\n  ', ' ')));

/** A proposal without a plan of its own, with one policy of each disposition. */
function unplanned(): RefineProposal {
  const { proposal } = articleProposal();
  const policy = proposal.policies[0]!;
  return {
    schemaVersion: proposal.schemaVersion,
    kind: proposal.kind,
    proposalId: proposal.proposalId,
    principal: {
      ...proposal.principal,
      arn: 'arn:aws-cn:iam::123456789012:role/-odd+name=',
      name: '-odd+name=',
    },
    finding: proposal.finding,
    catalogue: proposal.catalogue,
    generalize: proposal.generalize,
    retained: [],
    residue: [],
    verification: proposal.verification,
    summary: proposal.summary,
    notes: [],
    policies: [
      { ...policy, source: 'role-inline', name: 'in line', disposition: 'update' },
      {
        ...policy,
        source: 'customer-managed',
        name: 'Own',
        arn: 'arn:aws-cn:iam::123456789012:policy/Own',
        versionId: 'v3',
        disposition: 'new-version',
      },
      {
        ...policy,
        source: 'aws-managed',
        name: 'Theirs',
        arn: 'arn:aws-cn:iam::aws:policy/Theirs',
        disposition: 'replace',
        after: [{ name: 'Copy', document: {} }],
      },
      {
        ...policy,
        source: 'aws-managed',
        name: 'Gone',
        arn: 'arn:aws-cn:iam::aws:policy/Gone',
        disposition: 'remove',
        after: [],
      },
      { ...policy, source: 'group-inline', name: 'Group', disposition: 'inherited' },
    ],
  };
}

describe('the commands that a report shows', () => {
  it('attach what comes before they detach what goes, and name the files of the folder', () => {
    expect(commandsOf(applyView(unplanned()).apply)).toEqual([
      'aws iam create-policy --policy-name Copy --policy-document file://policies/2-Theirs.after.json',
      'aws iam attach-role-policy --role-name=-odd+name= --policy-arn arn:aws-cn:iam::123456789012:policy/Copy',
      "aws iam put-role-policy --role-name=-odd+name= --policy-name 'in line' --policy-document 'file://policies/0-in line.after.json'",
      'aws iam create-policy-version --policy-arn arn:aws-cn:iam::123456789012:policy/Own --policy-document file://policies/1-Own.after.json --set-as-default',
      'aws iam detach-role-policy --role-name=-odd+name= --policy-arn arn:aws-cn:iam::aws:policy/Theirs',
      'aws iam detach-role-policy --role-name=-odd+name= --policy-arn arn:aws-cn:iam::aws:policy/Gone',
    ]);
  });

  it('give back in the reverse order: originals are attached before copies go', () => {
    expect(commandsOf(applyView(unplanned()).rollback)).toEqual([
      'aws iam attach-role-policy --role-name=-odd+name= --policy-arn arn:aws-cn:iam::aws:policy/Gone',
      'aws iam attach-role-policy --role-name=-odd+name= --policy-arn arn:aws-cn:iam::aws:policy/Theirs',
      'aws iam set-default-policy-version --policy-arn arn:aws-cn:iam::123456789012:policy/Own --version-id v3',
      "aws iam put-role-policy --role-name=-odd+name= --policy-name 'in line' --policy-document 'file://policies/0-in line.before.json'",
      'aws iam detach-role-policy --role-name=-odd+name= --policy-arn arn:aws-cn:iam::123456789012:policy/Copy',
      'aws iam delete-policy --policy-arn arn:aws-cn:iam::123456789012:policy/Copy',
    ]);
  });

  it("follow the proposal's own plan where it carries one", () => {
    const proposal = {
      ...unplanned(),
      plan: {
        checks: [],
        apply: [
          {
            op: 'detach-policy' as const,
            policyArn: 'arn:aws:iam::aws:policy/X',
            why: 'nothing is left of it',
            calls: [
              {
                call: 'DetachRolePolicy',
                parameters: { RoleName: 'r', PolicyArn: 'arn:aws:iam::aws:policy/X' },
                when: 'it is attached',
              },
            ],
          },
        ],
        rollback: [],
        documents: [],
        irreversible: 'a deleted password does not come back',
        freeFirst: [],
        afterwards: ['tell the user'],
      },
    };
    const view = applyView(proposal);
    expect(view.apply).toEqual([
      {
        title: 'Detach arn:aws:iam::aws:policy/X',
        why: 'nothing is left of it',
        commands: [
          {
            command:
              'aws iam detach-role-policy \\\n  --role-name r \\\n  --policy-arn arn:aws:iam::aws:policy/X',
            when: 'it is attached',
          },
        ],
      },
    ]);
    expect(view.remarks).toEqual(['A deleted password does not come back', 'Tell the user']);
  });

  it('quote for the shell whatever a name holds', () => {
    const command = awsCommand({
      call: 'CreatePolicy',
      parameters: { PolicyName: "it's; rm -rf $HOME", Tags: [{ key: 'a b', value: '"x",y' }] },
    });
    expect(command).toBe(
      `aws iam create-policy \\\n  --policy-name 'it'\\''s; rm -rf $HOME' \\\n  --tags '[{"Key":"a b","Value":"\\"x\\",y"}]'`,
    );
  });
});
