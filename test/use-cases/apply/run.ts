import type { JsonValue } from '../../../lambda/core/model/json.ts';
import type { Subject } from '../../../lambda/core/model/subject.ts';
import type { ApplyJournal, IamWriter, ProposalStatus, Receipt } from '../../../lambda/ports/apply.ts';
import type { Overrides } from '../../../lambda/use-cases/apply/admission.ts';
import { sha256 } from '../../../lambda/adapters/node.ts';
import type { Direction } from '../../../lambda/use-cases/apply/apply-context.ts';
import { applyPlan, type ApplyOutcome } from '../../../lambda/use-cases/apply/apply-plan.ts';
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

/** What a run needs of a proposal. */
export type Proposal = Pick<Scenario, 'proposalId' | 'plan' | 'documents'> & {
  readonly world: { readonly principal: Subject };
  readonly status?: Partial<ProposalStatus>;
};

export interface RunOptions extends Partial<Overrides> {
  readonly dryRun?: boolean;
  readonly confirm?: boolean | ((notes: readonly string[]) => boolean | Promise<boolean>);
  readonly pause?: (millis: number) => Promise<void>;
  readonly now?: () => string;
  readonly progress?: () => void;
}

/** One run of the command without its terminal. */
export function run(
  direction: Direction,
  { proposalId, plan, documents, world, status }: Proposal,
  iam: IamWriter,
  journal: ApplyJournal,
  options: RunOptions = {},
): Promise<ApplyOutcome> {
  const { confirm = true } = options;
  return applyPlan(
    {
      direction,
      subject: world.principal,
      proposalId,
      plan,
      documents,
      iam,
      digest: sha256,
      pause: options.pause ?? (() => Promise.resolve()),
      status: {
        unknown: [],
        analysedAt: null,
        state: undefined,
        withheld: undefined,
        newer: [],
        warnings: [],
        ...status,
      },
      dryRun: options.dryRun ?? false,
      overrides: {
        irreversible: options.irreversible ?? false,
        despiteState: options.despiteState ?? false,
        despiteWarning: options.despiteWarning ?? false,
      },
    },
    {
      journal,
      clock: { now: options.now ?? (() => NOW), remainingMillis: () => Number.POSITIVE_INFINITY },
      confirm: (notes) => Promise.resolve(typeof confirm === 'function' ? confirm(notes) : confirm),
      progress: () => options.progress?.(),
    },
  );
}

export const NOW = '2026-11-23T12:00:00.000Z';
