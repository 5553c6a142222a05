import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { S3Objects } from '../../../../lambda/adapters/aws/s3/objects.ts';
import { S3ProposalReader, S3Proposals } from '../../../../lambda/adapters/aws/s3/proposals.ts';
import type { Proposal, SharedProposal } from '../../../../lambda/core/proposal/schema.ts';
import type { ProposalFile } from '../../../../lambda/ports/proposals.ts';
import { renderProposal } from '../../../../lambda/core/proposal/to-json.ts';
import { KEY_PROPOSAL, PREFIX, PROPOSAL } from '../proposals.ts';
import { rejection, serviceError } from '../support.ts';

const mock = mockClient(S3Client);
const objects = new S3Objects(new S3Client({ region: 'eu-west-1' }), 'bucket');
const store = new S3Proposals(objects);
const reader = new S3ProposalReader(objects, ({ kind, principal }) => `${kind} ${principal.type}`);
const FILES: readonly ProposalFile[] = [
  { name: 'report.html', contentType: 'text/html', body: '<p>Ünused' },
  { name: 'policies/0-Read.before.json', contentType: 'application/json', body: '{}' },
];
const makeFiles = () => Promise.resolve(FILES);
const finish = () => Promise.resolve({ proposal: PROPOSAL, files: FILES });
const PROVENANCE = {
  findingId: 'f-1',
  runId: 'run ü',
  storedAt: '2026-11-23T12:00:00.000Z',
  engineVersion: '0.1.0',
};

function keys(): (string | undefined)[] {
  return mock.commandCalls(PutObjectCommand).map(({ args }) => args[0].input.Key);
}

/** The stored object as S3 would return it. */
function object(text: string): never {
  return { Body: { transformToString: () => Promise.resolve(text) } } as never;
}

beforeEach(() => {
  mock.reset();
  mock.on(ListObjectsV2Command).resolves({});
  mock.on(GetObjectCommand).rejects(serviceError('NoSuchKey', 404));
  mock.on(PutObjectCommand).resolves({});
});

describe('a proposal', () => {
  test('is stored with proposal.json last, which alone is written conditionally', async () => {
    expect(await store.put(PROPOSAL, finish, PROVENANCE)).toEqual({ prefix: PREFIX, outcome: 'stored' });
    expect(keys()).toEqual([
      `${PREFIX}report.html`,
      `${PREFIX}policies/0-Read.before.json`,
      `${PREFIX}proposal.json`,
    ]);
    const conditions = mock.commandCalls(PutObjectCommand).map(({ args }) => args[0].input.IfNoneMatch);
    expect(conditions).toEqual([undefined, undefined, '*']);
  });

  test('about a shared policy is stored under its own prefix, with proposal.json last and the same condition', async () => {
    const shared = {
      proposalId: 'f'.repeat(32),
      subject: { type: 'policy', name: 'Shared', path: '/', accountId: '123456789012', arn: 'a' },
    } as SharedProposal;
    const prefix = `shared/123456789012/policy/Shared/${'f'.repeat(32)}/`;
    const finish = async () => ({ proposal: shared, files: await makeFiles() });
    expect(await store.put(shared, finish, PROVENANCE)).toEqual({ prefix, outcome: 'stored' });
    expect(keys()).toEqual([
      `${prefix}report.html`,
      `${prefix}policies/0-Read.before.json`,
      `${prefix}proposal.json`,
    ]);
    expect(mock.commandCalls(PutObjectCommand).map(({ args }) => args[0].input.IfNoneMatch)).toEqual([
      undefined,
      undefined,
      '*',
    ]);
  });

  test('has the bytes that the offline job writes', async () => {
    await store.put(PROPOSAL, () => Promise.resolve({ proposal: PROPOSAL, files: [] }), PROVENANCE);
    expect(mock.commandCalls(PutObjectCommand)[0]?.args[0].input.Body).toBe(renderProposal(PROPOSAL));
  });

  test('includes what was read while its files were rendered', async () => {
    const proposal = { ...PROPOSAL, notes: ['learnt since'] };
    await store.put(PROPOSAL, () => Promise.resolve({ proposal, files: [] }), PROVENANCE);
    expect(mock.commandCalls(PutObjectCommand)[0]?.args[0].input.Body).toBe(renderProposal(proposal));
  });

  test('has the run and its time as ASCII metadata', async () => {
    await store.put(PROPOSAL, () => Promise.resolve({ proposal: PROPOSAL, files: [] }), PROVENANCE);
    expect(mock.commandCalls(PutObjectCommand)[0]?.args[0].input).toMatchObject({
      Bucket: 'bucket',
      ContentType: 'application/json; charset=utf-8',
      Metadata: {
        'finding-id': 'f-1',
        'run-id': 'run ?',
        'stored-at': '2026-11-23T12:00:00.000Z',
        'engine-version': '0.1.0',
      },
    });
  });

  test('is not stored at all if its other files cannot be rendered', async () => {
    const failing = () => Promise.reject(new RangeError('too long'));
    await expect(store.put(PROPOSAL, failing, PROVENANCE)).rejects.toThrow(new RangeError('too long'));
    expect(keys()).toEqual([]);
  });

  test('that another worker stored meanwhile is `exists`', async () => {
    mock.on(PutObjectCommand, { IfNoneMatch: '*' }).rejects(serviceError('PreconditionFailed', 412));
    expect((await store.put(PROPOSAL, finish, PROVENANCE)).outcome).toBe('exists');
  });

  test("that another worker stored at the same time keeps that worker's files", async () => {
    const theirs = { ...PROPOSAL, notes: ['theirs'] };
    mock
      .on(PutObjectCommand, { IfNoneMatch: '*' })
      .rejects(serviceError('PreconditionFailed', 412))
      .on(GetObjectCommand, { Key: `${PREFIX}proposal.json` })
      .resolves(object(renderProposal(theirs)));
    const filesOf = ({ notes }: Pick<Proposal, 'notes'>) => [
      { name: 'report.html', contentType: 'text/html', body: notes.join() } as const,
    ];
    const both = () => Promise.resolve({ proposal: PROPOSAL, files: filesOf(PROPOSAL), filesOf });
    expect((await store.put(PROPOSAL, both, PROVENANCE)).outcome).toBe('exists');
    const reports = mock.commandCalls(PutObjectCommand, { Key: `${PREFIX}report.html` });
    expect(reports.map(({ args }) => args[0].input.Body)).toEqual(['', 'theirs']);
  });

  test.each([
    ['a conflict with another write', 'ConditionalRequestConflict', 409],
    ['a fault of the service', 'InternalError', 500],
  ])('is retried after %s', async (_, name, status) => {
    mock.on(PutObjectCommand, { IfNoneMatch: '*' }).rejects(serviceError(name, status));
    expect(await rejection(store.put(PROPOSAL, finish, PROVENANCE))).toMatchObject({ decision: 'retry' });
  });

  test('one of whose files cannot be written is not committed', async () => {
    mock.on(PutObjectCommand, { Key: `${PREFIX}report.html` }).rejects(serviceError('AccessDenied', 403));
    expect(await rejection(store.put(PROPOSAL, finish, PROVENANCE))).toMatchObject({
      code: 'access-denied',
    });
    expect(keys()).not.toContain(`${PREFIX}proposal.json`);
  });
});

describe('the facts about a stored proposal', () => {
  test('have its counts, and not its documents', async () => {
    mock
      .on(GetObjectCommand, { Bucket: 'bucket', Key: `${PREFIX}proposal.json` })
      .resolves(object(renderProposal(PROPOSAL)));
    expect(await reader.read(`${PREFIX}proposal.json`)).toEqual({
      kind: 'found',
      facts: {
        prefix: PREFIX,
        proposalId: '0123456789abcdef0123456789abcdef',
        kind: 'refine-permissions',
        principal: PROPOSAL.principal,
        findingId: 'f-1',
        findingType: 'UnusedPermission',
        signature: 'refine-permissions role',
        summary: PROPOSAL.summary,
        catalogue: PROPOSAL.catalogue,
        generalize: 'shortest',
        policies: [
          {
            source: 'role-inline',
            name: 'Read',
            disposition: 'update',
            reason: 'unused actions go',
            removed: 2,
          },
        ],
        retained: 1,
        residue: 0,
        accessKeyId: undefined,
      },
    });
  });

  test('have its owner if there is one', async () => {
    const owned = renderProposal({ ...PROPOSAL, owner: 'payments' });
    mock.on(GetObjectCommand, { Key: `${PREFIX}proposal.json` }).resolves(object(owned));
    expect(await reader.read(`${PREFIX}proposal.json`)).toMatchObject({ facts: { owner: 'payments' } });
  });

  test('have the access key if it is about one', async () => {
    const key = 'proposals/111122223333/user/ana/fedcba9876543210fedcba9876543210/proposal.json';
    mock.on(GetObjectCommand, { Key: key }).resolves(object(renderProposal(KEY_PROPOSAL)));
    expect(await reader.read(key)).toMatchObject({
      facts: { kind: 'remove-access-key', accessKeyId: 'AKIAEXAMPLE', summary: undefined, policies: [] },
    });
  });

  describe('about something shared', () => {
    const digits = '0123456789abcdef0123456789abcdef';
    const prefix = `shared/111122223333/policy/Orders/${digits}/`;
    const subject = {
      type: 'policy',
      arn: 'arn:aws:iam::111122223333:policy/Orders',
      name: 'Orders',
      path: '/',
      accountId: '111122223333',
    };
    const { summary, catalogue, policies, residue, staying, notes, plan } = PROPOSAL;
    const text = JSON.stringify({
      schemaVersion: 1,
      kind: 'refine-shared-policy',
      proposalId: digits,
      subject,
      holders: { principals: 7, roles: [], users: [], groups: [] },
      findings: [],
      policies,
      retained: [],
      residue,
      staying,
      notes,
      plan,
      summary,
      catalogue,
      generalize: 'shortest',
      advice: { better: 'shared', reason: 'So it is.', shared: {}, separate: {} },
      later: 'members may come',
    });

    test('have its counts', async () => {
      mock.on(GetObjectCommand, { Key: `${prefix}proposal.json` }).resolves(object(text));
      expect(await reader.read(`${prefix}proposal.json`)).toEqual({
        kind: 'found',
        facts: {
          prefix,
          proposalId: digits,
          kind: 'refine-shared-policy',
          subject,
          principals: 7,
          summary,
          catalogue,
          generalize: 'shortest',
          policies: [
            {
              source: 'role-inline',
              name: 'Read',
              disposition: 'update',
              reason: 'unused actions go',
              removed: 2,
            },
          ],
          retained: 0,
          advice: { better: 'shared', reason: 'So it is.' },
        },
      });
    });

    test.each([
      ['applied', { name: 'applied', reason: 'it is as it proposes' }],
      ['current', undefined],
    ] as const)('include its later state: %s', async (state, expected) => {
      const said = { schemaVersion: 1, proposalId: digits, state, reason: 'it is as it proposes' };
      mock
        .on(GetObjectCommand, { Key: `${prefix}proposal.json` })
        .resolves(object(text))
        .on(GetObjectCommand, { Key: `${prefix}state.json` })
        .resolves(object(JSON.stringify(said)));
      const reading = await reader.read(`${prefix}proposal.json`);
      expect(reading.kind === 'found' && reading.facts.state).toEqual(expected);
    });

    test('is read again for its policies, and for nothing that has another shape', async () => {
      const repository = new S3Proposals(objects);
      mock.on(GetObjectCommand, { Key: `${prefix}proposal.json` }).resolves(object(text));
      expect((await repository.read(prefix))?.policies).toEqual(policies);
      expect(await repository.read(prefix.replace('Orders', 'Gone'))).toBeUndefined();
      mock
        .on(GetObjectCommand, { Key: `${prefix}proposal.json` })
        .resolves(object(text.replace('"policies"', '"other"')));
      expect(await rejection(repository.read(prefix))).toMatchObject({
        code: 'malformed',
        message: `cannot read s3://bucket/${prefix}proposal.json: not a proposal of schema version 1 (unexpected policies); delete the object or restore an earlier version`,
      });
    });

    test('are gone if the object is', async () => {
      expect(await reader.read(`${prefix}proposal.json`)).toEqual({ kind: 'gone' });
    });

    test.each([
      ['no JSON', text.slice(1), 'line 1'],
      ['without holders', text.replace('"holders"', '"other"'), 'unexpected holders'],
      ['about another policy', text.replace('"Orders"', '"Web"'), 'do not belong to its key'],
    ])('cannot be read if the object is %s', async (_, broken, why) => {
      mock.on(GetObjectCommand, { Key: `${prefix}proposal.json` }).resolves(object(broken));
      expect(await rejection(reader.read(`${prefix}proposal.json`))).toMatchObject({
        decision: 'permanent',
        code: 'malformed',
        message: expect.stringContaining(why) as string,
      });
    });
  });

  test('are gone if the object is', async () => {
    expect(await reader.read(`${PREFIX}proposal.json`)).toEqual({ kind: 'gone' });
  });

  test.each([
    ['no JSON', '{"schemaVersion":'],
    ['another version', renderProposal(PROPOSAL).replace('"schemaVersion": 1', '"schemaVersion": 2')],
    ['another principal than its key', renderProposal(PROPOSAL).replaceAll('"Orders"', '"Payments"')],
  ])('cannot be read if the object is %s', async (_, text) => {
    mock.on(GetObjectCommand, { Key: `${PREFIX}proposal.json` }).resolves(object(text));
    expect(await rejection(reader.read(`${PREFIX}proposal.json`))).toMatchObject({
      decision: 'permanent',
      code: 'malformed',
    });
  });
});

describe('the state of a stored proposal', () => {
  const repository = new S3Proposals(objects);
  const STATE = {
    schemaVersion: 1,
    proposalId: PROPOSAL.proposalId,
    state: 'resolved',
    reason: 'the finding is RESOLVED',
  } as const;

  test('is stored beside it', async () => {
    expect(await repository.mark(PREFIX, STATE, undefined)).toBe('');
    expect(mock.commandCalls(PutObjectCommand)[0]?.args[0].input).toEqual({
      Bucket: 'bucket',
      Key: `${PREFIX}state.json`,
      IfNoneMatch: '*',
      Body: `{\n  "schemaVersion": 1,\n  "proposalId": "0123456789abcdef0123456789abcdef",\n  "state": "resolved",\n  "reason": "the finding is RESOLVED"\n}\n`,
      ContentType: 'application/json; charset=utf-8',
    });
  });

  test.each([
    ['resolved', { name: 'resolved', reason: 'the finding is RESOLVED' }],
    ['current', undefined],
  ] as const)('is part of its facts: %s', async (state, expected) => {
    mock
      .on(GetObjectCommand, { Key: `${PREFIX}proposal.json` })
      .resolves(object(renderProposal(PROPOSAL)))
      .on(GetObjectCommand, { Key: `${PREFIX}state.json` })
      .resolves(object(JSON.stringify({ ...STATE, state })));
    const reading = await reader.read(`${PREFIX}proposal.json`);
    expect(reading.kind === 'found' && reading.facts.state).toEqual(expected);
  });

  test('is refused if the object is something else', async () => {
    mock.on(GetObjectCommand, { Key: `${PREFIX}state.json` }).resolves(object('{"schemaVersion":1}'));
    expect(await rejection(repository.readState(PREFIX))).toMatchObject({
      code: 'malformed',
      message: `cannot read s3://bucket/${PREFIX}state.json: not the state of a proposal (unexpected proposalId); delete the object or restore an earlier version`,
    });
  });

  test('is listed with the proposals about a principal, without those that are not committed', async () => {
    const other = PREFIX.replace(/0123/, 'ffff');
    const unfinished = PREFIX.replace(/0123/, 'eeee');
    const kept = PREFIX.replace(/0123/, 'dddd');
    const pages = [
      [`${PREFIX}policies/0-Read.before.json`, `${PREFIX}proposal.json`, `${other}proposal.json`],
      [
        `${kept}withheld.json`,
        `${PREFIX}state.json`,
        `${unfinished}rollback.json`,
        `${unfinished}state.json`,
      ],
    ];
    const contents = (page: readonly string[] = []) => page.map((Key) => ({ Key }));
    mock
      .on(ListObjectsV2Command, { Bucket: 'bucket', Prefix: 'proposals/111122223333/role/Orders/' })
      .resolves({ Contents: contents(pages[0]), NextContinuationToken: 'next' })
      .on(ListObjectsV2Command, { ContinuationToken: 'next' })
      .resolves({ Contents: contents(pages[1]) });
    expect(await repository.list('proposals/111122223333/role/Orders/')).toEqual({
      proposals: [
        { prefix: PREFIX, proposalId: '0123456789abcdef0123456789abcdef', hasState: true, stateVersion: '' },
        { prefix: other, proposalId: 'ffff456789abcdef0123456789abcdef', hasState: false },
      ],
      leftOver: [
        {
          prefix: unfinished,
          proposalId: 'eeee456789abcdef0123456789abcdef',
          hasState: true,
          stateVersion: '',
        },
      ],
      withheld: [kept],
    });
  });

  test('is listed with the proposals about shared subjects of an account, without those that are not committed', async () => {
    const shared = 'shared/111122223333';
    const [one, two] = ['0'.repeat(32), '1'.repeat(32)];
    const Contents = [
      `${shared}/group/Ops/${one}/proposal.json`,
      `${shared}/group/Ops/${one}/state.json`,
      `${shared}/group/Ops/${two}/state.json`,
      `${shared}/policy/a+b/${one}/policies/proposal.json`,
      `${shared}/policy/a+b/${two}/proposal.json`,
      `${shared}/policy/a+b/${two}/report.html`,
      `${shared}/role/Orders/${two}/proposal.json`,
    ].map((Key) => ({ Key }));
    mock.on(ListObjectsV2Command, { Bucket: 'bucket', Prefix: `${shared}/` }).resolves({ Contents });
    expect(await repository.list(`${shared}/`)).toEqual({
      proposals: [
        { prefix: `${shared}/group/Ops/${one}/`, proposalId: one, hasState: true, stateVersion: '' },
        { prefix: `${shared}/policy/a+b/${two}/`, proposalId: two, hasState: false },
      ],
      leftOver: [
        { prefix: `${shared}/group/Ops/${two}/`, proposalId: two, hasState: true, stateVersion: '' },
      ],
      withheld: [],
    });
  });

  test('is read from the whole proposal', async () => {
    mock.on(GetObjectCommand, { Key: `${PREFIX}proposal.json` }).resolves(object(renderProposal(PROPOSAL)));
    expect(JSON.stringify(await repository.read(PREFIX))).toBe(JSON.stringify(PROPOSAL));
  });
});

describe('the record of a withheld proposal', () => {
  const repository = new S3Proposals(objects);
  const KEPT = {
    schemaVersion: 1,
    proposalId: PROPOSAL.proposalId,
    opinion: 'no-new-access',
    reason: 'policy Read: CheckNoNewAccess: FAIL',
  } as const;

  test("is stored in the proposal's place, and read back", async () => {
    await repository.withhold(PREFIX, KEPT);
    const { Key, Body, ContentType } = mock.commandCalls(PutObjectCommand)[0]?.args[0].input ?? {};
    expect([Key, ContentType]).toEqual([`${PREFIX}withheld.json`, 'application/json; charset=utf-8']);
    mock.on(GetObjectCommand, { Key: `${PREFIX}withheld.json` }).resolves(object(String(Body)));
    expect(await repository.readWithheld(PREFIX)).toEqual(KEPT);
  });

  test('is undefined if somebody deleted it meanwhile', async () => {
    const gone = Object.assign(new Error('gone'), { name: 'NoSuchKey' });
    mock.on(GetObjectCommand, { Key: `${PREFIX}withheld.json` }).rejects(gone);
    expect(await repository.readWithheld(PREFIX)).toBeUndefined();
  });

  test('is refused if the object is something else', async () => {
    mock
      .on(GetObjectCommand, { Key: `${PREFIX}withheld.json` })
      .resolves(object(JSON.stringify({ ...KEPT, opinion: 'a rumour' })));
    expect(await rejection(repository.readWithheld(PREFIX))).toMatchObject({
      code: 'malformed',
      message: `cannot read s3://bucket/${PREFIX}withheld.json: not why a proposal is withheld (unexpected opinion); delete the object or restore an earlier version`,
    });
  });
});

test('the input of a failed verification is stored under the id of its finding, whatever characters that contains', async () => {
  expect(await new S3Proposals(objects).keep('a/b ü', '{"policy":1}')).toBe('failures/a%2Fb%20%C3%BC.json');
  expect(mock.commandCalls(PutObjectCommand)[0]?.args[0].input).toEqual({
    Bucket: 'bucket',
    Key: 'failures/a%2Fb%20%C3%BC.json',
    Body: '{"policy":1}',
    ContentType: 'application/json; charset=utf-8',
  });
});
