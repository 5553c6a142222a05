import * as z from 'zod/mini';
import type { ProposalFacts } from '../../ports/proposal-reader.ts';
import { factsSchema } from './proposal-facts-schema.ts';

/** `index.json`, version 1. */
const IndexData = z.object({ schemaVersion: z.literal(1), proposals: z.array(factsSchema) });

export function renderIndexData(proposals: readonly ProposalFacts[]): string {
  return `${JSON.stringify({ schemaVersion: 1, proposals })}\n`;
}

/** Undefined where the text is something else. */
export function readIndexData(text: string): readonly ProposalFacts[] | undefined {
  const data = IndexData.safeParse(parse(text));
  if (!data.success) return undefined;
  return data.data.proposals.map((facts) => ({
    ...facts,
    summary: facts.summary,
    catalogue: facts.catalogue,
    generalize: facts.generalize,
    accessKeyId: facts.accessKeyId,
  }));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
