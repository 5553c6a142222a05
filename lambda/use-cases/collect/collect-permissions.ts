import { COLLECT_CALLS, type CollectOperation } from '../../contract/iam-calls.ts';
import type { EvidenceSource } from '../../core/model/unused-access.ts';

export interface PolicyQuestion {
  readonly partition: string;
  readonly source: EvidenceSource;
  readonly lastAccessed: boolean;
  /**
   * The analyzer, if one is named. With other accounts it is still looked up, to see whether it is an organisation's.
   */
  readonly analyzerArn: string | undefined;
  readonly hasOtherAccounts: boolean;
  /** The role in other accounts; undefined if there are none. */
  readonly memberRole: string | undefined;
  readonly organization: boolean;
}

interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
}

interface IamPolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

/** Sids of the statements that an account needs only if its own analyzer is read. */
export const FIND_ANALYZER = 'FindTheAnalyzer';
export const READ_FINDINGS = 'ReadFindings';

/** The smallest IAM policies for a run of `collect`: `own` for the caller, `role` for the role in other accounts. */
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
    // ListAnalyzers does not support resource-level permissions.
    if (analyzerArn === undefined || hasOtherAccounts)
      statements.push(allow(FIND_ANALYZER, ['ListAnalyzers'], '*'));
    const analyzer = analyzerArn ?? `arn:${partition}:access-analyzer:*:*:analyzer/*`;
    statements.push(allow(READ_FINDINGS, ['ListFindingsV2', 'GetFindingV2'], analyzer));
  }
  if (source === 'last-accessed' || lastAccessed) {
    statements.push(
      allow('AskForLastUse', ['GenerateServiceLastAccessedDetails'], [`${iam}:role/*`, `${iam}:user/*`]),
      // A report is fetched by its job id, which is not a resource that a policy can name.
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
