import * as z from 'zod/mini';
import { ok, type Result } from '../core/pattern/result.ts';
import type { AskedReport, PrincipalUse } from '../ports/account.ts';
import { readRecord } from './parts.ts';

/*
 * The requests to IAM, and its reports of last use, for one part of an account's principals; stored until the account
 * is handled. A report may name thousands of actions, so it is stored as nested arrays: services with the date of
 * their last use and their tracked actions, each with its date, or null if no use is recorded.
 */

const text = z.string();
const date = z.nullable(text);

const askedSchema = z.array(
  z.object({
    arn: text,
    jobId: z.optional(text),
    problem: z.optional(text),
    askedAt: text,
    isSecond: z.optional(z.boolean()),
  }),
);

const credential = { createdAt: z.optional(text), lastUsedAt: z.optional(date) };

const usesSchema = z.array(
  z.object({
    arn: text,
    problem: z.optional(text),
    report: z.optional(
      z.object({
        completedAt: text,
        services: z.array(z.tuple([text, date, z.array(z.tuple([text, date]))])),
      }),
    ),
    credentials: z.optional(
      z.object({
        readAt: text,
        password: z.optional(z.nullable(z.object(credential))),
        keys: z.array(z.object({ ...credential, accessKeyId: text, isActive: z.boolean() })),
      }),
    ),
  }),
);

const WHAT = "the account's job writes";

export function readAsked(content: string): Result<readonly AskedReport[]> {
  return readRecord(content, askedSchema, WHAT);
}

export function renderUses(uses: readonly PrincipalUse[]): string {
  return JSON.stringify(
    uses.map(({ report, ...use }) => ({
      ...use,
      ...(report && {
        report: {
          completedAt: report.completedAt,
          services: Array.from(report.services, ([service, { lastUsed = null, actions }]) => [
            service,
            lastUsed,
            Array.from(actions, ([action, used = null]) => [action, used]),
          ]),
        },
      }),
    })),
  );
}

export function readUses(content: string): Result<readonly PrincipalUse[]> {
  const uses = readRecord(content, usesSchema, WHAT);
  if (!uses.ok) return uses;
  return ok(
    uses.value.map(({ report, ...use }) => ({
      ...use,
      ...(report && {
        report: {
          completedAt: report.completedAt,
          services: new Map(
            report.services.map(([service, lastUsed, actions]) => [
              service,
              {
                ...(lastUsed === null ? {} : { lastUsed }),
                actions: new Map(actions.map(([action, used]) => [action, used ?? undefined])),
              },
            ]),
          ),
        },
      }),
    })),
  );
}
