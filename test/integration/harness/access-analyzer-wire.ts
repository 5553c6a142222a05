/** The wire shapes of the two calls, as the service model of Access Analyzer writes them (restJson1, times as ISO 8601). */

/** One entry of a finding's details: a union with exactly one member. */
export type WireDetail =
  | {
      readonly unusedPermissionDetails: {
        readonly serviceNamespace: string;
        readonly actions?: readonly { readonly action: string; readonly lastAccessed?: string }[];
        readonly lastAccessed?: string;
      };
    }
  | { readonly unusedIamRoleDetails: { readonly lastAccessed?: string } }
  | {
      readonly unusedIamUserAccessKeyDetails: {
        readonly accessKeyId: string;
        readonly lastAccessed?: string;
      };
    }
  | { readonly unusedIamUserPasswordDetails: { readonly lastAccessed?: string } };

/** A finding as the server keeps it; what a summary or an answer shows is cut from it. */
export interface WireFinding {
  readonly id: string;
  readonly resource: string;
  readonly resourceType: 'AWS::IAM::Role' | 'AWS::IAM::User';
  readonly resourceOwnerAccount: string;
  readonly status: 'ACTIVE' | 'ARCHIVED' | 'RESOLVED';
  readonly findingType:
    'UnusedPermission' | 'UnusedIAMRole' | 'UnusedIAMUserAccessKey' | 'UnusedIAMUserPassword';
  readonly error?: string;
  readonly analyzedAt: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly findingDetails: readonly WireDetail[];
}

/** An error of the service, as restJson1 sends it: the type in a header, the message in the body. */
export class WireError extends Error {
  constructor(
    readonly status: number,
    readonly type: string,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
    readonly members: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

/** What the service answers to a caller that is too fast; `Retry-After` is the header of `retryAfterSeconds`. */
export function throttled(): WireError {
  return new WireError(429, 'ThrottlingException', 'Rate exceeded');
}

export function unavailable(): WireError {
  return new WireError(500, 'InternalServerException', 'Internal server error');
}

export function denied(operation: string): WireError {
  return new WireError(
    403,
    'AccessDeniedException',
    `User is not authorized to perform: access-analyzer:${operation}`,
  );
}

export function invalid(message: string): WireError {
  return new WireError(400, 'ValidationException', message, {}, { reason: 'other' });
}

export function notFound(resourceId: string, resourceType: string): WireError {
  return new WireError(
    404,
    'ResourceNotFoundException',
    'The specified resource could not be found.',
    {},
    { resourceId, resourceType },
  );
}

/** The filter of ListFindingsV2: every criterion must hold, each by any of its comparisons. */
export type WireFilter = Readonly<Record<string, WireCriterion>>;

export interface WireCriterion {
  readonly eq?: readonly string[];
  readonly neq?: readonly string[];
  readonly contains?: readonly string[];
  readonly exists?: boolean;
}

const FILTER_KEYS = [
  'status',
  'findingType',
  'resource',
  'resourceType',
  'resourceOwnerAccount',
  'id',
] as const;

export function matchesFilter(finding: WireFinding, filter: WireFilter): boolean {
  return Object.entries(filter).every(([key, criterion]) => {
    const known = FILTER_KEYS.find((name) => name === key);
    if (known === undefined) throw invalid(`the filter key ${key} is not one of an unused access analyzer`);
    const value = finding[known];
    if (criterion.eq && !criterion.eq.includes(value)) return false;
    if (criterion.neq?.includes(value)) return false;
    if (criterion.contains && !criterion.contains.some((part) => value.includes(part))) return false;
    return criterion.exists !== false;
  });
}

/** What a list shows of a finding: everything but its details. */
export function summaryOf(finding: WireFinding): Partial<WireFinding> {
  return Object.fromEntries(Object.entries(finding).filter(([member]) => member !== 'findingDetails'));
}
