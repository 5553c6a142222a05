import * as z from 'zod';
import { matchesFilter, summaryOf } from '../../integration/harness/access-analyzer-wire.ts';
import type { World } from '../world/principals.ts';
import { type Answer, type Request, type Service, ServiceError, unknownOperation } from './answer.ts';

const LIST = z.object({
  analyzerArn: z.string(),
  filter: z
    .record(z.string(), z.object({ eq: z.array(z.string()).optional(), neq: z.array(z.string()).optional() }))
    .default({}),
  maxResults: z.int().min(1).optional(),
  nextToken: z.string().optional(),
});
const PAGE = 100;

/**
 * ListFindingsV2 and GetFindingV2 over the generated findings. Pages are cut before they are filtered, so a page costs
 * what it holds and may hold fewer than it could, as with AWS.
 * Source: https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ListFindingsV2.html
 */
export function accessAnalyzerService(world: World): Service {
  const known = (analyzerArn: string | null | undefined): void => {
    if (analyzerArn !== world.analyzerArn) throw notFound();
  };
  return (request: Request): Answer => {
    const { method, url, body } = request;
    if (method === 'POST' && url.pathname === '/findingv2') {
      const asked = LIST.parse(JSON.parse(body.toString('utf8')));
      known(asked.analyzerArn);
      const start = Number(asked.nextToken ?? 0);
      const end = Math.min(start + Math.min(asked.maxResults ?? PAGE, PAGE), world.organisation.findings);
      const findings = [];
      for (let index = start; index < end; index += 1) {
        const finding = world.finding(index);
        const criteria = Object.entries(asked.filter).map(([key, { eq, neq }]) => [
          key,
          { ...(eq ? { eq } : {}), ...(neq ? { neq } : {}) },
        ]);
        if (matchesFilter(finding, Object.fromEntries(criteria) as Parameters<typeof matchesFilter>[1])) {
          findings.push(summaryOf(finding));
        }
      }
      return json({ findings, ...(end < world.organisation.findings ? { nextToken: String(end) } : {}) });
    }
    const one = /^\/findingv2\/([^/]+)$/.exec(url.pathname)?.[1];
    if (method !== 'GET' || one === undefined) throw unknownOperation(request);
    known(url.searchParams.get('analyzerArn'));
    const index = world.indexOf(decodeURIComponent(one));
    if (index === undefined) throw notFound();
    const finding = world.finding(index);
    const start = Number(url.searchParams.get('nextToken') ?? 0);
    const end = start + PAGE;
    return json({
      ...finding,
      findingDetails: finding.findingDetails.slice(start, end),
      ...(end < finding.findingDetails.length ? { nextToken: String(end) } : {}),
    });
  };
}

function json(value: unknown): Answer {
  return { status: 200, body: JSON.stringify(value) };
}

function notFound(): ServiceError {
  return new ServiceError(404, 'ResourceNotFoundException', 'The specified resource could not be found.');
}
