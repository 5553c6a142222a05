import { isHardlyWorth, rankOfRisk, type RiskOf, type RiskRank } from './risk.ts';

/** What an overview or a message says of a proposal's risk, without the lists. */
export interface RiskFacts {
  readonly removed: RiskSummary;
  /** Absent where nothing stays, or where nobody looked. */
  readonly remaining?: RiskSummary | undefined;
  /** The first high-impact actions that go, riskiest first. */
  readonly riskiest: readonly string[];
  /** The policies grow, and only a few reads go. */
  readonly isHardlyWorth?: true | undefined;
}

export interface RiskSummary extends RiskRank {
  /** How many actions of the curated list. */
  readonly highImpact: number;
}

/** How many actions of the curated list an overview names. */
const MOST_NAMED = 3;

/** What is known of a proposal's risk; undefined for one that says nothing of it. */
export function riskFacts(proposal: {
  readonly risk?: { readonly removed: RiskOf; readonly remaining?: RiskOf };
  readonly summary?: { readonly charactersBefore: number; readonly charactersAfter: number };
}): RiskFacts | undefined {
  const { risk, summary } = proposal;
  if (risk === undefined) return undefined;
  return {
    removed: summaryOf(risk.removed),
    ...(risk.remaining === undefined ? {} : { remaining: summaryOf(risk.remaining) }),
    riskiest: risk.removed.highImpact.slice(0, MOST_NAMED),
    ...(summary !== undefined && isHardlyWorth(risk.removed, summary) ? { isHardlyWorth: true } : {}),
  };
}

function summaryOf(risk: RiskOf): RiskSummary {
  return { ...rankOfRisk(risk), highImpact: risk.highImpact.length };
}
