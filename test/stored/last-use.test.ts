import { expect, test } from 'vitest';
import type { PrincipalUse } from '../../lambda/ports/account.ts';
import { readUses, renderUses } from '../../lambda/stored/last-use.ts';

test('reports of last use are stored as nested lists, and read without loss', () => {
  const arn = 'arn:aws:iam::123456789012:role/Orders';
  const uses: readonly PrincipalUse[] = [
    {
      arn,
      report: {
        completedAt: '2026-11-29T11:00:00.000Z',
        services: new Map([
          [
            's3',
            {
              lastUsed: '2026-11-20T10:00:00.000Z',
              actions: new Map([
                ['getobject', '2026-11-20T10:00:00.000Z'],
                ['putobject', undefined],
              ]),
            },
          ],
          ['sqs', { actions: new Map() }],
        ]),
      },
    },
    { arn, problem: 'it failed' },
  ];
  const text = renderUses(uses);
  expect(JSON.parse(text)).toEqual([
    {
      arn,
      report: {
        completedAt: '2026-11-29T11:00:00.000Z',
        services: [
          [
            's3',
            '2026-11-20T10:00:00.000Z',
            [
              ['getobject', '2026-11-20T10:00:00.000Z'],
              ['putobject', null],
            ],
          ],
          ['sqs', null, []],
        ],
      },
    },
    { arn, problem: 'it failed' },
  ]);
  expect(readUses(text)).toEqual({ ok: true, value: uses });
});
