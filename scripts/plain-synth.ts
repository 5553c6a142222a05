import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { App } from 'aws-cdk-lib';

import { projectRoot } from '../lib/config/project-root.ts';

export interface TemplateResource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly DependsOn?: string | readonly string[];
  readonly Metadata?: Readonly<Record<string, unknown>>;
}

export interface CloudFormationTemplate {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs: Readonly<Record<string, { readonly Value: unknown }>>;
  readonly Parameters?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Rules?: Readonly<Record<string, unknown>>;
}

/**
 * Synthesises with the flags of cdk.json, but without bundling the functions: for tables and tests, which need
 * templates and no code.
 * @param fill adds stacks to the app
 * @param validate whether the library's own validation runs too, which takes seconds
 * @returns each template under the name of its stack
 */
export function plainSynth(
  options: Readonly<Record<string, unknown>>,
  fill: (app: App) => void,
  validate = false,
): ReadonlyMap<string, CloudFormationTemplate> {
  const outdir = mkdtempSync(join(tmpdir(), 'unused-access-refiner-'));
  try {
    const app = new App({
      outdir,
      analyticsReporting: false,
      builtinCloudFormationValidation: validate,
      context: { ...contextOfCdkJson(), 'aws:cdk:bundling-stacks': [], ...options },
    });
    fill(app);
    const stacks = app.synth().stacksRecursively;
    // Trust boundary: the library types templates as `any`.
    return new Map(stacks.map((stack) => [stack.stackName, stack.template as CloudFormationTemplate]));
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

function contextOfCdkJson(): Readonly<Record<string, unknown>> {
  const file = JSON.parse(readFileSync(join(projectRoot(), 'cdk.json'), 'utf8')) as {
    readonly context: Readonly<Record<string, unknown>>;
  };
  return file.context;
}
