import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CollectionFolder } from '../../../lambda/adapters/files/collection-folder.ts';
import type { DetailsPage } from '../../../lambda/ports/collect.ts';

const ACCOUNT = '123456789012';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/Orders`;
const USER = `arn:aws:iam::${ACCOUNT}:user/ana`;

let root = '';
let folder: CollectionFolder;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'unused-access-refiner-test-'));
  folder = new CollectionFolder(root, ACCOUNT, Date.now);
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function page(lists: Partial<DetailsPage['lists']>, marker: string | null): DetailsPage {
  return {
    lists: { UserDetailList: [], GroupDetailList: [], RoleDetailList: [], Policies: [], ...lists },
    marker,
  };
}

describe('the pages of an account', () => {
  test('become one file, which has the lists in the order of the AWS CLI', () => {
    folder.addDetailsPage(1, page({ RoleDetailList: [{ Arn: ROLE }] }, 'm'));
    folder.addDetailsPage(
      2,
      page({ UserDetailList: [{ Arn: USER }], RoleDetailList: [{ Path: '/' }] }, null),
    );
    expect(folder.detailsPages(false)).toEqual({ count: 2, marker: null });
    expect(folder.finishDetails()).toEqual({ entries: 3, principals: [USER, ROLE, ''] });
    expect(readFileSync(path.join(root, ACCOUNT, 'account-details.json'), 'utf8')).toBe(
      `{
    "UserDetailList": [
        {
            "Arn": "${USER}"
        }
    ],
    "GroupDetailList": [],
    "RoleDetailList": [
        {
            "Arn": "${ROLE}"
        },
        {
            "Path": "/"
        }
    ],
    "Policies": []
}
`,
    );
    expect(folder.knownPrincipals()).toEqual([USER, ROLE, '']);
    expect(folder.detailsPages(false)).toEqual({ count: 0, marker: undefined });
  });
});

describe('the findings of an interrupted run', () => {
  test('are those whose lines are whole, and the next one has a line of its own', () => {
    const line = (id: string) =>
      `{"id":"${id}","updatedAt":"2026-11-20T00:00:00+00:00","resource":"${ROLE}"}`;
    const finding = (id: string) => ({
      id,
      updatedAt: '2026-11-20T00:00:00+00:00',
      resource: ROLE,
      line: line(id),
    });
    folder.addFinding(finding('f-1'));
    const file = path.join(root, ACCOUNT, '.unfinished', 'findings.jsonl');
    appendFileSync(file, '{"id":"f-2","upd');
    expect([...folder.knownFindings().values()]).toEqual([finding('f-1')]);
    folder.addFinding(finding('f-3'));
    expect(readFileSync(file, 'utf8')).toBe(`${line('f-1')}\n${line('f-3')}\n`);
  });

  test('count a date that is not a text as none', () => {
    const line = `{"id":"f-1","updatedAt":1795132800,"resource":"${ROLE}"}`;
    folder.addFinding({ id: 'f-1', updatedAt: '', resource: ROLE, line });
    expect(folder.knownFindings().get('f-1')).toEqual({ id: 'f-1', updatedAt: '', resource: ROLE, line });
  });
});
