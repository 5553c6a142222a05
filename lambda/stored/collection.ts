import * as z from 'zod/mini';
import { ok, refuse, type Result } from '../core/pattern/result.ts';
import type { CollectionManifest } from '../ports/collect.ts';
import { count, parseJson, placeIn } from './parts.ts';

const section = z.nullable(
  z.object({ state: z.enum(['complete', 'partial', 'failed']), readAt: z.string(), count }),
);

/** `manifest.json` of a folder that `collect` writes. */
const manifestSchema = z.object({
  schemaVersion: z.literal(1),
  accountId: z.string().check(z.regex(/^\d{12}$/)),
  accountName: z.optional(z.string()),
  caller: z.string(),
  region: z.string(),
  source: z.enum(['access-analyzer', 'last-accessed']),
  unusedDays: count,
  analyzerArn: z.nullable(z.string()),
  state: z.enum(['running', 'complete', 'partial']),
  startedAt: z.string(),
  finishedAt: z.nullable(z.string()),
  sections: z.object({
    accountDetails: section,
    findings: section,
    lastAccessed: section,
    credentials: section,
  }),
  failed: z.array(z.object({ what: z.string(), reason: z.string() })),
});

export function readManifest(text: string): Result<CollectionManifest> {
  const json = parseJson(text);
  if (!json.ok) return refuse('is not JSON');
  const content = manifestSchema.safeParse(json.value);
  return content.success
    ? ok(content.data)
    : refuse(`is not what collect writes, at ${placeIn(content.error)}`);
}

export function renderManifest(manifest: CollectionManifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
