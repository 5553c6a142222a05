import { COLLECT_CALLS, type CollectOperation } from '../../contract/iam-calls.ts';
import type { EvidenceSource } from '../../core/model/unused-access.ts';

export interface PolicyQuestion {
  readonly partition: string;
  readonly source: EvidenceSource;
  readonly lastAccessed: boolean;
  /** The analyzer, where it is named; whether it is an organisation's has to be asked where it is about other accounts too. */
  readonly analyzerArn: string | undefined;
  readonly hasOtherAccounts: boolean;
  /** The role of other accounts, where there are any. */
  readonly memberRole: string | undefined;
  readonly organization: boolean;
}

interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
}

export interface IamPolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

/** Statements that an account needs only where its own analyzer is read. */
export const FIND_ANALYZER = 'FindTheAnalyzer';
export const READ_FINDINGS = 'ReadFindings';

/** The least IAM policy with which `collect` can do what it is asked for; `role` is what it needs in another account. */
export function collectPermissions(question: PolicyQuestion): {
  readonly own: IamPolicyDocument;
  readonly role: IamPolicyDocument | undefined;
} {
  const reading = readingStatements(question);
  const { partition, memberRole, organization } = question;
  const calling: Statement[] = [];
  if (memberRole !== undefined) {
    calling.push(
      allow('AssumeTheRoleOfOtherAccounts', ['AssumeRole'], `arn:${partition}:iam::*:role/${memberRole}`),
    );
  }
  if (organization) calling.push(allow('ListAccounts', ['ListAccounts'], '*'));
  return {
    own: document([...reading, ...calling]),
    role: memberRole === undefined ? undefined : document(reading),
  };
}

function readingStatements({
  partition,
  source,
  lastAccessed,
  analyzerArn,
  hasOtherAccounts,
}: PolicyQuestion): readonly Statement[] {
  const iam = `arn:${partition}:iam::*`;
  const statements = [allow('ReadTheAccount', ['GetAccountAuthorizationDetails'], '*')];
  if (source === 'access-analyzer') {
    // A list of analyzers is of no resource.
    if (analyzerArn === undefined || hasOtherAccounts)
      statements.push(allow(FIND_ANALYZER, ['ListAnalyzers'], '*'));
    const analyzer = analyzerArn ?? `arn:${partition}:access-analyzer:*:*:analyzer/*`;
    statements.push(allow(READ_FINDINGS, ['ListFindingsV2', 'GetFindingV2'], analyzer));
  }
  if (source === 'last-accessed' || lastAccessed) {
    statements.push(
      allow('AskForLastUse', ['GenerateServiceLastAccessedDetails'], [`${iam}:role/*`, `${iam}:user/*`]),
      // A report is looked at under the id of its job, which no resource names.
      allow('ReadLastUse', ['GetServiceLastAccessedDetails', 'ListUsers'], '*'),
      allow(
        'ReadAgesOfCredentials',
        ['ListAccessKeys', 'GetAccessKeyLastUsed', 'GetLoginProfile'],
        `${iam}:user/*`,
      ),
    );
  }
  return statements;
}

function allow(
  Sid: string,
  operations: readonly CollectOperation[],
  Resource: string | readonly string[],
): Statement {
  const actions = operations.map((operation) => COLLECT_CALLS[operation]);
  return { Sid, Effect: 'Allow', Action: actions.length === 1 ? (actions[0] ?? '') : actions, Resource };
}

function document(Statement: readonly Statement[]): IamPolicyDocument {
  return { Version: '2012-10-17', Statement };
}
