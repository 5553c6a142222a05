import { describe, expect, it } from 'vitest';
import { accessByService } from '../../../lambda/report/proposal/access.ts';
import {
  administratorProposal,
  articleCatalogue,
  articleProposal,
  hostileProposal,
  inline,
  makeProposal,
} from '../proposals.ts';

describe('access by service', () => {
  it("counts the article's role as its summary does", () => {
    const { proposal, universe } = articleProposal();
    const services = accessByService(proposal, universe);
    expect(services.map(({ service, before, after }) => [service, before, after])).toEqual([
      ['s3', 73, 51],
      ['lambda', 11, 3],
    ]);
    expect(services[1]?.removed).toContain('UpdateFunctionCode');
    expect(proposal.summary).toMatchObject({ actionsGrantedBefore: 84, actionsGrantedAfter: 54 });
  });

  it.each([
    ['AdministratorAccess', administratorProposal],
    ['a hostile policy beside one that cannot be read', hostileProposal],
  ])("adds up to the verifier's summary for %s", (_, make) => {
    const { proposal, universe } = make();
    const services = accessByService(proposal, universe);
    const sum = (of: (row: (typeof services)[number]) => number): number =>
      services.reduce((total, row) => total + of(row), 0);
    expect(sum((row) => row.before)).toBe(proposal.summary.actionsGrantedBefore);
    expect(sum((row) => row.after)).toBe(proposal.summary.actionsGrantedAfter);
    expect(services.length).toBe(proposal.summary.servicesGrantedBefore);
    expect(services.filter((row) => row.after > 0).length).toBe(proposal.summary.servicesGrantedAfter);
  });

  it('understands NotAction, and puts services that vanish first', () => {
    const { proposal, universe } = makeProposal({
      name: 'power',
      grants: [
        inline('power', {
          Version: '2012-10-17',
          Statement: { Effect: 'Allow', NotAction: 's3:*Tagging', Resource: '*' },
        }),
      ],
      unused: [
        { serviceNamespace: 'lambda' },
        { serviceNamespace: 's3', actions: [{ action: 'GetBucketPolicy' }] },
      ],
      catalogue: articleCatalogue(),
    });
    const services = accessByService(proposal, universe);
    expect(services.map(({ service, after, removed }) => [service, after === 0, removed.length])).toEqual([
      ['lambda', true, 70],
      ['s3', false, 1],
    ]);
  });

  it('counts nothing for a Deny, which grants nothing', () => {
    const { proposal, universe } = makeProposal({
      name: 'guarded',
      grants: [
        inline('guarded', {
          Version: '2012-10-17',
          Statement: [
            { Effect: 'Allow', Action: ['s3:GetObject', 's3:GetBucketPolicy'], Resource: '*' },
            { Effect: 'Deny', Action: 'lambda:*', Resource: '*' },
          ],
        }),
      ],
      unused: [{ serviceNamespace: 's3', actions: [{ action: 'GetBucketPolicy' }] }],
      catalogue: articleCatalogue(),
    });
    expect(
      accessByService(proposal, universe).map(({ service, before, after }) => [service, before, after]),
    ).toEqual([['s3', 2, 1]]);
  });
});
