import type { LastAccess } from '../core/model/unused-access.ts';
import { foldCase } from '../core/pattern/matches.ts';

/** A service as AWS reports on it, in the SDK's form. */
export interface ReportedService {
  readonly ServiceNamespace?: string | undefined;
  readonly LastAuthenticated?: Date | undefined;
  readonly TrackedActionsLastAccessed?:
    | readonly { readonly ActionName?: string | undefined; readonly LastAccessedTime?: Date | undefined }[]
    | undefined;
}

/** What a report says of a principal. */
export function lastAccessIn(services: readonly ReportedService[]): LastAccess {
  return new Map(
    services.map(({ ServiceNamespace, LastAuthenticated, TrackedActionsLastAccessed = [] }) => [
      foldCase(ServiceNamespace ?? ''),
      {
        ...(LastAuthenticated ? { lastUsed: LastAuthenticated.toISOString() } : {}),
        actions: new Map(
          TrackedActionsLastAccessed.flatMap(({ ActionName, LastAccessedTime }) =>
            ActionName === undefined
              ? []
              : [[bareName(ActionName), LastAccessedTime?.toISOString()] as const],
          ),
        ),
      },
    ]),
  );
}

/** AWS writes names without their service; whoever writes them with it means the same. */
function bareName(name: string): string {
  return foldCase(name.slice(name.indexOf(':') + 1));
}
