import { expect, test } from 'vitest';

import { actions, mainTemplate, ofType, ORGANISATION, statements } from './synth.ts';

const template = mainTemplate(ORGANISATION);

/** The logical name in `{"Ref": …}` or `{"Fn::GetAtt": […, …]}`. */
function named(value: unknown): string {
  const { Ref, 'Fn::GetAtt': attribute } = value as { Ref?: string; 'Fn::GetAtt'?: [string, string] };
  return Ref ?? attribute?.[0] ?? '';
}

/** Queues that a role may send to. */
function targets(role: string): readonly string[] {
  return ofType(template, 'AWS::IAM::Policy')
    .filter(({ Properties }) => (Properties['Roles'] as { Ref: string }[]).some(({ Ref }) => Ref === role))
    .flatMap(({ Properties }) => statements(Properties['PolicyDocument']))
    .filter((statement) => actions(statement).includes('sqs:SendMessage'))
    .flatMap(({ Resource }) => [Resource].flat().map(named));
}

/** Functions that a message can reach from this one, by queues. */
function next(id: string): readonly string[] {
  const queues = targets(named(template.Resources[id]?.Properties['Role']));
  return ofType(template, 'AWS::Lambda::EventSourceMapping')
    .filter(({ Properties }) => queues.includes(named(Properties['EventSourceArn'])))
    .map(({ Properties }) => named(Properties['FunctionName']));
}

function reaches(from: string, to: string): boolean {
  const seen = new Set<string>();
  const open = [...next(from)];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (id === to) return true;
    if (!seen.has(id)) open.push(...next(id));
    seen.add(id);
  }
  return false;
}

test('recursive loops are allowed only for functions that invoke themselves through a queue', () => {
  const functions = Object.entries(template.Resources).filter(
    ([, { Type }]) => Type === 'AWS::Lambda::Function',
  );
  const loops = functions.filter(([id]) => reaches(id, id)).map(([id]) => id.replace(/[0-9A-F]{8}$/, ''));
  expect(loops.toSorted()).toStrictEqual([
    'AccountWorkerRefineFunction',
    'SweepFunction',
    'WorkerRefineFunction',
  ]);
  for (const [id, { Properties }] of functions) {
    expect([id, Properties['RecursiveLoop']]).toStrictEqual([id, reaches(id, id) ? 'Allow' : undefined]);
  }
});
