/** What was wrong once, and how it is mended: a passage of the code that is undone by another text in its place. */
export interface Mending {
  /** Number in docs/lifecycle.md. */
  readonly fault: string;
  /** What is so again when it is undone. */
  readonly undone: string;
  readonly file: string;
  /** Stands once in the file. */
  readonly passage: string;
  readonly instead: string;
  /** Files of tests that fail then. The simulation may notice as well. */
  readonly tests: readonly string[];
  /** Whether seeds of the simulation fail. */
  readonly bySeeds: boolean;
}

const LIFECYCLE = 'lambda/use-cases/lifecycle/proposal-lifecycle.ts';
const SHARED = 'lambda/use-cases/lifecycle/shared-lifecycle.ts';
const ORDER = 'lambda/use-cases/lifecycle/order-of-readings.ts';
const ROWS = 'lambda/use-cases/notify/update-overview.ts';
const SHOWN = 'lambda/use-cases/sweep/read-shown.ts';
const JOB = 'lambda/use-cases/account/refine-account-job.ts';
const S3 = 'lambda/adapters/aws/s3';

const DAY_BY_DAY = 'test/use-cases/lifecycle/day-by-day.test.ts';
const PRINCIPALS = 'test/use-cases/lifecycle/proposal-lifecycle.test.ts';
const SHARED_TEST = 'test/use-cases/lifecycle/shared-lifecycle.test.ts';
const ENTERED = 'test/use-cases/notify/update-overview.test.ts';
const NOTIFIED = 'test/use-cases/notify/notify-proposals.test.ts';
const SWEPT = 'test/use-cases/sweep/sweep-findings.test.ts';
const JOB_TEST = 'test/use-cases/account/refine-account-job.test.ts';

/** `npx tsx scripts/undo-mendings.ts` undoes each of them by itself and says what notices. */
export const MENDINGS: readonly Mending[] = [
  {
    fault: '1',
    undone: 'a proposal goes on resting on the finding that it was made from',
    file: LIFECYCLE,
    passage: 'if ((state?.finding?.id ?? (await this.#findingOf(own))) === id) return undefined;',
    instead: 'return undefined;',
    tests: [DAY_BY_DAY],
    bySeeds: true,
  },
  {
    fault: '1',
    undone: 'the end of the finding that it was made from settles a proposal',
    file: LIFECYCLE,
    passage: 'const rests = (await this.#states.stateOf(one))?.finding ?? proposal.finding;',
    instead: 'const rests = proposal.finding;',
    tests: [PRINCIPALS],
    bySeeds: true,
  },
  {
    fault: '1',
    undone: 'the overview shows the finding that a proposal was made from',
    file: 'lambda/stored/proposal.ts',
    passage: 'said?.finding?.id ?? finding.id',
    instead: 'finding.id',
    tests: [DAY_BY_DAY],
    bySeeds: true,
  },
  {
    fault: '2',
    undone: 'a key that its finding names no longer stays proposed for',
    file: LIFECYCLE,
    passage: 'if (keys.length === 0) return undefined;',
    instead: 'return undefined;',
    tests: [DAY_BY_DAY],
    bySeeds: true,
  },
  {
    fault: '3',
    undone: 'a notifier enters what it read before the overview',
    file: ROWS,
    passage: "(entry) => overviewRows.isKnown(entry) || (places.get(placeIn(entry) ?? '') ?? 0) > 1,",
    instead: '() => false,',
    tests: [ENTERED],
    bySeeds: true,
  },
  {
    fault: '3',
    undone: 'a worker says nothing where the overview shows something else',
    file: LIFECYCLE,
    passage: 'if (!shown) return;',
    instead: 'return;',
    tests: [DAY_BY_DAY],
    bySeeds: true,
  },
  {
    fault: '3',
    undone: 'a notifier with an older reading takes what stops a proposal out of its row',
    file: 'lambda/ports/proposals.ts',
    passage: 'JSON.stringify(a.warnings ?? []) === JSON.stringify(b.warnings ?? []) &&',
    instead: '',
    tests: [ENTERED, SWEPT],
    bySeeds: true,
  },
  {
    fault: '3',
    undone: 'a lost notice of what is to be known of a current proposal is never made good',
    file: SHOWN,
    passage: 'shown.add(facts, !outdated.has(facts.prefix))',
    instead: 'shown.add(facts, true)',
    tests: [SWEPT],
    bySeeds: true,
  },
  {
    fault: '3',
    undone: 'a new proposal that the overview refuses is shown nowhere once its finding has ended',
    file: 'lambda/use-cases/notify/notify-proposals.ts',
    passage: 'repository.noteReopened(prefix).catch(',
    instead: 'Promise.resolve().catch(',
    tests: [NOTIFIED],
    bySeeds: true,
  },
  {
    fault: '4',
    undone: 'a rival that came while a proposal was stored is not looked at',
    file: ORDER,
    passage: 'if (one.prefix !== own && !isSame) throw new Outdated(one.prefix);',
    instead: '',
    tests: [PRINCIPALS],
    bySeeds: true,
  },
  {
    fault: '4',
    undone: 'rivals are not looked at where the proposal is there already',
    file: LIFECYCLE,
    passage: 'if (!earlier || subjectOf(earlier) !== subjectOf(draft)) continue;',
    instead: 'if (isThere || !earlier || subjectOf(earlier) !== subjectOf(draft)) continue;',
    tests: [PRINCIPALS],
    bySeeds: true,
  },
  {
    fault: '4',
    undone: 'what was written since something was read is written over',
    file: ORDER,
    passage: 'if (stateVersion === undefined) throw new Outdated(prefix);',
    instead: '',
    tests: [PRINCIPALS],
    bySeeds: true,
  },
  {
    fault: '4',
    undone: 'a job says something of what was read live since the sweep began',
    file: ORDER,
    passage: 'if (this.#since === undefined) return true;',
    instead: 'return true;',
    tests: [PRINCIPALS, SHARED_TEST],
    bySeeds: true,
  },
  {
    fault: '5',
    undone: 'a policy that was made again under its ARN has the document of the old one',
    file: 'lambda/adapters/aws/iam/managed-policies.ts',
    passage: '`${arn} ${policyId} ${versionId}`',
    instead: '`${arn} ${versionId}`',
    tests: ['test/adapters/aws/iam/policies.test.ts'],
    bySeeds: true,
  },
  {
    fault: '6',
    undone: 'a finding that cannot be read for a moment counts as none',
    file: 'lambda/use-cases/account/work-on-part.ts',
    passage: '(one) => (active.has(one) ? [] : [one.resource])',
    instead: '() => []',
    tests: [JOB_TEST],
    bySeeds: true,
  },
  {
    fault: '7',
    undone: 'the end of a sweep does not look at the clock',
    file: 'lambda/use-cases/sweep/send-missing.ts',
    passage: "if (sent > 0 && clock.remainingMillis() < RESERVE) return later('time');",
    instead: '',
    tests: [SWEPT],
    bySeeds: true,
  },
  {
    fault: '8',
    undone: 'a worker proposes to put a role out of action that is',
    file: 'lambda/use-cases/propose/propose-refinement.ts',
    passage: "state === 'applied'",
    instead: 'false',
    tests: [DAY_BY_DAY],
    bySeeds: true,
  },
  {
    fault: '9',
    undone: 'nobody writes of a proposal that is shown as current and has expired',
    file: ORDER,
    passage: '} else if (isShown) {',
    instead: '} else if (prefix === undefined) {',
    tests: [DAY_BY_DAY],
    bySeeds: true,
  },
  {
    fault: '9',
    undone: 'nobody looks whether what is shown as settled has expired',
    file: SHOWN,
    passage: 'if (!(await proposals.has(facts.prefix + PROPOSAL_OBJECT))) shown.add(facts, true);',
    instead: 'await Promise.resolve(facts);',
    tests: [SWEPT],
    bySeeds: true,
  },
  {
    fault: '10',
    undone: 'a copy of a job goes on from what it wanted to keep',
    file: JOB,
    passage: 'next = kept.next;',
    instead: 'next = kept && (batch.isWhole ? batch.next : next + part.done);',
    tests: [JOB_TEST],
    bySeeds: true,
  },
  {
    fault: '10',
    undone: 'a copy of a job keeps its part in the place of another one’s',
    file: `${S3}/sweeps.ts`,
    passage: "onlyIf: 'absent',\n      conflictIsLate: true,",
    instead: '',
    tests: ['test/adapters/aws/s3/sweeps.test.ts'],
    bySeeds: false,
  },
  {
    fault: '10',
    undone: 'a part that two copies of a job write at the same moment counts as kept though neither is',
    file: `${S3}/sweeps.ts`,
    passage: 'const there = written ? own : await stored();',
    instead: 'const there = written ? own : ((await stored()) ?? own);',
    tests: ['test/adapters/aws/s3/sweeps.test.ts'],
    bySeeds: true,
  },
  {
    fault: '11',
    undone: 'what was settled before anybody was told is told by nobody',
    file: ROWS,
    passage: 'const isUntold = isNews || own === undefined || own.untold === true;',
    instead: 'const isUntold = isNews;',
    tests: [ENTERED],
    bySeeds: true,
  },
  {
    fault: '12',
    undone: 'a role that was made again under another path settles what is said of its namesake',
    file: LIFECYCLE,
    passage: 'if (!proposal || proposal.principal.arn !== principal.arn) continue;',
    instead: 'if (!proposal) continue;',
    tests: [PRINCIPALS],
    bySeeds: true,
  },
  {
    fault: '12',
    undone: 'an overview that was deleted since it was read is an error',
    file: `${S3}/objects.ts`,
    passage: "const LATE = ['PreconditionFailed', 'NoSuchKey'];",
    instead: "const LATE = ['PreconditionFailed'];",
    tests: ['test/adapters/aws/s3/announced-store.test.ts'],
    bySeeds: true,
  },
  {
    fault: '12',
    undone: 'every 403 counts as absence',
    file: `${S3}/objects.ts`,
    passage: 'if (!isRefusal(error) || (await this.list(key)).has(key)) throw error;',
    instead: 'if (errorStatus(error) !== 403) throw error;',
    tests: ['test/adapters/aws/s3/absence.test.ts'],
    bySeeds: true,
  },
  {
    fault: '12',
    undone: 'a process with an older catalogue takes back what a newer one said',
    file: 'lambda/use-cases/catalogue/catalogue-changes.ts',
    passage: 'if (by !== undefined && byCodeUnit(by.date, current.date) > 0) return true;',
    instead: '',
    tests: ['test/use-cases/catalogue/catalogue-changes.test.ts'],
    bySeeds: true,
  },
  {
    fault: '12',
    undone: 'a newer catalogue is not compared where anybody has said that the proposal is current',
    file: 'lambda/use-cases/catalogue/catalogue-changes.ts',
    passage: 'if (by !== undefined) return by.version === current.version;',
    instead: 'if (by !== undefined) return true;',
    tests: ['test/use-cases/catalogue/catalogue-changes.test.ts'],
    bySeeds: true,
  },
  {
    fault: '12',
    undone: 'the news of a catalogue about an expired proposal stays with an equal one that is stored since',
    file: 'lambda/use-cases/catalogue/catalogue-changes.ts',
    passage: "if (said?.remark === 'catalogue-grew') return false;",
    instead: '',
    tests: ['test/use-cases/catalogue/catalogue-changes.test.ts'],
    bySeeds: false,
  },
  {
    fault: '12',
    undone: 'a contact that may not be read is remembered as none',
    file: 'lambda/adapters/aws/organizations/alternate-contacts.ts',
    passage: "if (answer.kind === 'known') this.#known.set(accountId, answer);",
    instead: 'if (answer) this.#known.set(accountId, answer);',
    tests: ['test/adapters/aws/organizations/alternate-contacts.test.ts'],
    bySeeds: true,
  },
  {
    fault: '12',
    undone: 'whoever may not be asked for is nobody in the overview',
    file: ROWS,
    passage: 'isOwnerKnown || reading.facts.owner !== undefined',
    instead: 'prefix !== undefined',
    tests: [ENTERED, NOTIFIED],
    bySeeds: true,
  },
  {
    fault: '13a',
    undone: 'proposals are read again although no time is left for writing the overview',
    file: ROWS,
    passage: 'place >= READERS && clock.remainingMillis() < WRITE_RESERVE',
    instead: 'place < 0',
    tests: [ENTERED],
    bySeeds: true,
  },
  {
    fault: '13b',
    undone: 'a record that has not begun uses up an attempt',
    file: 'lambda/runtime/invocation.ts',
    passage: '(place >= done.length && (await putBack?.(record)) === true)',
    instead: '(place < 0 && (await putBack?.(record)) === true)',
    tests: ['test/functions/refine-finding.test.ts'],
    bySeeds: true,
  },
  {
    fault: '13c',
    undone: 'earlier proposals are settled before the new one is stored',
    file: LIFECYCLE,
    passage: 'const { outcome } = await store.put(draft, finish, provenance);',
    instead: `for (const one of states.all()) {
        const earlier = await this.#readCurrent(one);
        if (!earlier || subjectOf(earlier) !== subjectOf(draft)) continue;
        await states.write(one, judgeSuccessor(earlier, draft));
      }
      const { outcome } = await store.put(draft, finish, provenance);`,
    tests: [PRINCIPALS],
    bySeeds: true,
  },
  {
    fault: '13d',
    undone: 'a finding that was reported as active just now and is not found yet counts as gone',
    file: 'lambda/use-cases/propose/propose-refinement.ts',
    passage: 'if (isYoung(reference, dependencies.clock)) {',
    instead: 'if (isYoung(reference, dependencies.clock) && reference.findingId === undefined) {',
    tests: ['test/use-cases/propose/propose-refinement.test.ts'],
    bySeeds: true,
  },
  {
    fault: '13e',
    undone: 'files of two workers that store the same proposal mix',
    file: `${S3}/proposals.ts`,
    passage: 'if (stored) await write(filesOf(stored));',
    instead: '',
    tests: ['test/adapters/aws/s3/proposals.test.ts'],
    bySeeds: true,
  },
  {
    fault: '13f',
    undone: 'an account of few findings is not looked at as a whole though something shared is shown',
    file: 'lambda/use-cases/sweep/send-findings.ts',
    passage: 'own.length >= bulkThreshold || shown?.shared.has(accountId) === true',
    instead: 'own.length >= bulkThreshold',
    tests: [SWEPT],
    bySeeds: true,
  },
  {
    fault: '13f',
    undone: 'nor is one without findings',
    file: 'lambda/use-cases/sweep/send-missing.ts',
    passage: "if (start === '') {",
    instead: "if (start === '' && shared.size < 0) {",
    tests: [SWEPT],
    bySeeds: true,
  },
  {
    fault: '13f',
    undone: 'a new shared proposal that the overview could not take is never looked at',
    file: SHARED,
    passage: 'await this.#parts.repository.noteReopened(prefix);',
    instead: '',
    tests: [SHARED_TEST],
    bySeeds: false,
  },
  {
    fault: '13g',
    undone: 'a job of an older sweep settles what a newer one has stored',
    file: ORDER,
    passage: 'if (!this.isEarlier(one)) throw new Outdated(prefix);',
    instead: '',
    tests: [SHARED_TEST],
    bySeeds: true,
  },
  {
    fault: '13g',
    undone: 'a job of an older sweep stores beside what a newer one has stored',
    file: SHARED,
    passage: 'if (later) throw new Outdated(later.prefix);',
    instead: '',
    tests: [SHARED_TEST],
    bySeeds: true,
  },
];
