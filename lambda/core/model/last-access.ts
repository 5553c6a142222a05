/**
 * What AWS recorded of a principal's use, by case-folded service prefix. A service that is missing was not reported on.
 * Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLastAccessedDetails.html
 */
export type LastAccess = ReadonlyMap<string, ServiceLastAccess>;

export interface ServiceLastAccess {
  /** Last use (ISO 8601) of anything of the service; absent where no use is recorded within AWS's tracking period. */
  readonly lastUsed?: string | undefined;
  /**
   * Last use (ISO 8601) of each action that AWS tracks one by one, by case-folded name; undefined where no use is
   * recorded within AWS's tracking period. Actions that are missing are not tracked, or AWS does not say.
   */
  readonly actions: ReadonlyMap<string, string | undefined>;
}
