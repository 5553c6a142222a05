import { describe, expect, test } from 'vitest';
import { makeCatalogue } from '../../../lambda/core/catalogue/catalogue.ts';
import { type Unused, unusedToAll, withReported } from '../../../lambda/core/proposal/unused-to-all.ts';
import { readUnusedAccess } from '../../../lambda/core/model/unused-access.ts';

/** `{ s3: ['GetObject'], sqs: [] }`; an empty list is the whole service. */
function reports(services: Readonly<Record<string, readonly string[]>>): Exclude<Unused, 'everything'> {
  const read = readUnusedAccess(
    Object.entries(services).map(([serviceNamespace, actions]) => ({
      serviceNamespace,
      actions: actions.map((action) => ({ action })),
    })),
  );
  if (!read.ok) throw new Error(read.problem);
  return read.value;
}

function shown(unused: Unused): unknown {
  if (unused === 'everything') return unused;
  return {
    services: [...unused.services.values()].map(({ name }) => name),
    actions: [...unused.actions].flatMap(([service, names]) =>
      [...names.values()].map(({ name }) => `${service}:${name}`),
    ),
  };
}

describe('what is unused to all holders', () => {
  test('is the intersection of the findings, action by action', () => {
    const one = reports({ s3: ['GetObject', 'PutObject'], sqs: ['SendMessage'] });
    const other = reports({ s3: ['putobject', 'DeleteObject'], sns: ['Publish'] });
    expect(shown(unusedToAll([one, other]))).toEqual({ services: [], actions: ['s3:PutObject'] });
    expect(shown(unusedToAll([other, one]))).toEqual({ services: [], actions: ['s3:PutObject'] });
  });

  test('is the common part of a service that is wholly unused to one and partly to another', () => {
    const whole = reports({ s3: [], sqs: [] });
    const part = reports({ s3: ['GetObject'], sqs: [] });
    expect(shown(unusedToAll([whole, part]))).toEqual({ services: ['sqs'], actions: ['s3:GetObject'] });
    expect(shown(unusedToAll([part, whole]))).toEqual({ services: ['sqs'], actions: ['s3:GetObject'] });
  });

  test('is not restricted by an unused principal', () => {
    const one = reports({ s3: ['GetObject'] });
    expect(shown(unusedToAll(['everything', one]))).toEqual({ services: [], actions: ['s3:GetObject'] });
    expect(unusedToAll(['everything', 'everything'])).toBe('everything');
  });

  test('is nothing without any holder', () => {
    expect(shown(unusedToAll([]))).toEqual({ services: [], actions: [] });
  });

  test('includes iam:PassRole only if all findings name it, since a wholly unused iam does not cover it', () => {
    const named = reports({ iam: ['PassRole', 'GetRole'] });
    const whole = reports({ iam: [] });
    expect(shown(unusedToAll([named, whole]))).toEqual({ services: [], actions: ['iam:GetRole'] });
    expect(shown(unusedToAll([named, named]))).toEqual({
      services: [],
      actions: ['iam:GetRole', 'iam:PassRole'],
    });
    expect(shown(unusedToAll([named, 'everything']))).toEqual({
      services: [],
      actions: ['iam:GetRole', 'iam:PassRole'],
    });
  });
});

describe('the universe of several findings', () => {
  const catalogue = makeCatalogue({ source: 's', version: '1', date: '' }, [['s3', ['GetObject']]]);

  test('has what any of them names, so that no split removes it', () => {
    const wide = withReported(catalogue, [reports({ s3: ['GetNew'] }), reports({ s3: [] })], reports({}));
    expect(wide.services.get('s3')?.actions).toEqual(['GetNew', 'GetObject']);
    expect(wide.actionCount).toBe(2);
    expect(catalogue.services.get('s3')?.actions).toEqual(['GetObject']);
  });

  test('is the catalogue if they name nothing else', () => {
    expect(withReported(catalogue, [reports({ s3: ['GetObject'] }), 'everything'], reports({}))).toBe(
      catalogue,
    );
  });

  test('knows only the existence of an uncatalogued service, because a wildcard may grant more than is named', () => {
    const all = [
      reports({ new: ['One', 'Two'], gone: ['Three'] }),
      reports({ new: ['One'], other: [], gone: [] }),
    ];
    const wide = withReported(catalogue, all, reports({ new: ['One'], gone: [] }));
    expect([...wide.services.keys()]).toEqual(['s3', 'gone']);
    expect(wide.services.get('gone')?.actions).toEqual(['Three']);
    expect(wide.prefixes).toEqual(['new', 'other']);
  });
});
