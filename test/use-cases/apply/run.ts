import type { JsonValue } from '../../../lambda/core/model/json.ts';
import type { ApplyJournal, Receipt } from '../../../lambda/ports/apply.ts';
import type { IamWriter } from '../../../lambda/ports/apply.ts';
import { sha256 } from '../../../lambda/adapters/node.ts';
import type { Direction } from '../../../lambda/use-cases/apply/apply-context.ts';
import {
  applyPlan,
  type ApplyOutcome,
  type ApplyRequest,
} from '../../../lambda/use-cases/apply/apply-plan.ts';
import type { Scenario } from './scenario.ts';

/** A journal that survives the "process". */
export class MemoryJournal implements ApplyJournal {
  receipt: Receipt | undefined;
  readonly backups = new Map<string, JsonValue>();
  load(): Promise<Receipt | undefined> {
    return Promise.resolve(this.receipt);
  }
  save(receipt: Receipt): Promise<void> {
    this.receipt = receipt;
    return Promise.resolve();
  }
  backup(policyArn: string, versionId: string, document: JsonValue): Promise<string> {
    const file = `backup/${policyArn} ${versionId}`;
    this.backups.set(file, document);
    return Promise.resolve(file);
  }
}

type Proposal = Pick<Scenario, 'proposalId' | 'plan' | 'documents'> & {
  readonly world: Pick<Scenario['world'], 'principal'>;
};

/** One run of the command without its terminal. */
export function run(
  direction: Direction,
  { proposalId, plan, documents, world }: Proposal,
  iam: IamWriter,
  journal: ApplyJournal,
  options: Partial<Pick<ApplyRequest, 'dryRun' | 'irreversible'>> & { readonly confirm?: boolean } = {},
): Promise<ApplyOutcome> {
  return applyPlan(
    {
      direction,
      principal: world.principal,
      proposalId,
      plan,
      documents,
      iam,
      digest: sha256,
      pause: () => Promise.resolve(),
      dryRun: options.dryRun ?? false,
      irreversible: options.irreversible ?? false,
    },
    {
      journal,
      clock: { now: () => '2026-11-23T12:00:00.000Z', remainingMillis: () => Number.POSITIVE_INFINITY },
      confirm: () => Promise.resolve(options.confirm ?? true),
      progress: () => undefined,
    },
  );
}
