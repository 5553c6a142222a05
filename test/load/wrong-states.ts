import {
  INDEX_DATA_OBJECT,
  PROPOSAL_OBJECT,
  proposalObject,
  PROPOSALS_PREFIX,
  SHARED_PREFIX,
  STATE_OBJECT,
} from '../../lambda/contract/object-keys.ts';
import { readIndexData } from '../../lambda/stored/overview.ts';
import { readProposalState, readStoredProposal } from '../../lambda/stored/proposal.ts';
import type { ObjectStore } from './servers/object-store.ts';
import type { World } from './world/principals.ts';

interface Model {
  readonly objects: Pick<ObjectStore, 'get' | 'keys' | 'read'>;
  readonly world: Pick<World, 'hasEnded' | 'indexOf' | 'principal'>;
  /** Whether the finding, or the job of its account, lies with the dead letters. */
  readonly isDead: (finding: number) => boolean;
  /** Keys of objects whose notices lie there. */
  readonly untold: ReadonlySet<string>;
}

/**
 * What is said of proposals in the bucket against what is so in the world, and what the overview shows against the
 * bucket. A proposal about a principal is current as long as its finding is active; one about something shared, as long
 * as all that it rests on are, unless another one about the same is. Dead letters excuse their own.
 */
export function wrongStates({ objects, world, isDead, untold }: Model): readonly string[] {
  const wrong: string[] = [];
  const text = (key: string): string | undefined => {
    const stored = objects.get(key);
    return stored && objects.read(stored).toString('utf8');
  };
  const index = text(INDEX_DATA_OBJECT);
  const overview = index === undefined ? undefined : readIndexData(index);
  const rows = new Map((overview?.ok ? overview.value : []).map((facts) => [facts.prefix, facts]));
  /** Of each subject that several share: how many are current, and whether one should be. */
  const shared = new Map<string, { current: number; wanted: boolean }>();
  for (const key of [PROPOSALS_PREFIX, SHARED_PREFIX].flatMap((prefix) => objects.keys(prefix))) {
    const found = proposalObject(key);
    if (found?.object !== PROPOSAL_OBJECT) continue;
    const { prefix } = found;
    const proposal = readStoredProposal(text(key) ?? '');
    const stateText = text(prefix + STATE_OBJECT);
    const said = stateText === undefined ? undefined : readProposalState(stateText);
    if (!proposal.ok || said?.ok === false) {
      wrong.push(`${prefix} cannot be read`);
      continue;
    }
    const isCurrent = said === undefined || said.value.state === 'current';
    const row = rows.get(prefix);
    const isTold = !untold.has(key) && !untold.has(prefix + STATE_OBJECT);
    if (isTold && isCurrent !== (row !== undefined && row.state === undefined)) {
      wrong.push(`${prefix} is ${isCurrent ? 'current' : 'settled'}, and the overview does not show it so`);
    }
    const findings = 'subject' in proposal.value ? proposal.value.findings : [proposal.value.finding];
    const indices = findings.flatMap(({ id }) => world.indexOf(id) ?? []);
    if (indices.some(isDead)) continue;
    const wanted = indices.every(
      (one) => !world.hasEnded(one) && world.principal(one).expected === 'proposed',
    );
    if (!('subject' in proposal.value)) {
      if (isCurrent !== wanted) {
        wrong.push(
          `${prefix} is ${isCurrent ? 'current' : 'settled'}, and its finding is ${wanted ? '' : 'not '}active`,
        );
      }
      continue;
    }
    const place = shared.get(proposal.value.subject.arn) ?? { current: 0, wanted: false };
    shared.set(proposal.value.subject.arn, place);
    if (isCurrent) place.current += 1;
    if (wanted) place.wanted = true;
    if (isCurrent && !wanted) wrong.push(`${prefix} is current, and one of its findings is not active`);
  }
  for (const [arn, { current, wanted }] of shared) {
    if (current > 1 || (wanted && current === 0))
      wrong.push(`${arn} has ${String(current)} current proposals`);
  }
  return wrong;
}
