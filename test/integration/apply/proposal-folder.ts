import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { JsonValue } from '../../../lambda/core/model/json.ts';
import type { PrincipalRef } from '../../../lambda/core/model/principal.ts';
import type { Plan } from '../../../lambda/core/plan/schema.ts';

interface Proposal {
  readonly proposalId: string;
  readonly kind?: string;
  readonly accessKeyId?: string;
  readonly principal: PrincipalRef;
  readonly policies?: readonly unknown[];
  readonly plan: Plan;
  readonly documents: ReadonlyMap<string, JsonValue>;
}

/** The members of a proposal that its plan does not depend on. */
const COMPLETE = {
  schemaVersion: 1,
  kind: 'refine-permissions',
  finding: {
    id: 'finding',
    analyzerArn: null,
    findingType: 'UnusedPermission',
    updatedAt: null,
    unusedServices: [],
    unusedActions: [],
  },
  catalogue: { source: 'test', version: '1', services: 0, actions: 0 },
  generalize: 'shortest',
  policies: [],
  retained: [],
  residue: [],
  staying: [],
  summary: {
    actionsGrantedBefore: 0,
    actionsGrantedAfter: 0,
    servicesGrantedBefore: 0,
    servicesGrantedAfter: 0,
    charactersBefore: 0,
    charactersAfter: 0,
  },
  notes: [],
} as const;

/** Writes what the commands read of a proposal, and answers with the folder. */
export function writeProposal({ documents, ...proposal }: Proposal): string {
  const folder = mkdtempSync(join(tmpdir(), 'apply '));
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  write('proposal.json', JSON.stringify({ ...COMPLETE, ...proposal }, null, 2));
  for (const [name, document] of documents) write(name, JSON.stringify(document, null, 2));
  return folder;
}
