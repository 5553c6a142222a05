import { addStacks } from '../../lib/build-app.ts';
import { type CloudFormationTemplate, plainSynth, type TemplateResource } from '../../scripts/plain-synth.ts';
import { deepFreeze } from '../laws/oracle/json.ts';

export type { CloudFormationTemplate, TemplateResource };

type Options = Readonly<Record<string, unknown>>;
type Templates = ReturnType<typeof plainSynth>;

const known = new Map<string, Templates>();

/** All templates for these options. Synthesised once, and frozen since several tests look at them. */
export function allTemplates(options: Options): Templates {
  const key = JSON.stringify(Object.entries(options));
  const templates = known.get(key) ?? plainSynth(options, addStacks);
  if (!known.has(key)) {
    for (const template of templates.values()) deepFreeze(template);
    known.set(key, templates);
  }
  return templates;
}

/** The main template for these options. */
export function mainTemplate(options: Options = {}): CloudFormationTemplate {
  return named(allTemplates(options), String(options['stackName'] ?? 'UnusedAccessRefiner'));
}

/** The member accounts' template for these options. */
export function memberTemplate(options: Options): CloudFormationTemplate {
  return named(allTemplates(options), 'Member-UnusedAccessRefiner');
}

function named(templates: ReadonlyMap<string, CloudFormationTemplate>, name: string): CloudFormationTemplate {
  const template = templates.get(name);
  if (template === undefined) throw new Error(`no stack ${name} among ${[...templates.keys()].join(', ')}`);
  return template;
}

/** Every option that goes with an analyzer of an organisation. */
export const ORGANISATION = {
  email: ['reviews@example.org', 'security@example.org'],
  alarmEmail: ['on-call@example.org'],
  notificationWindow: 120,
  chatTopic: true,
  ownerTag: 'Owner',
  ownerContact: 'security',
  accountNames: ['111122223333=payments-prod'],
  announcements: 'overview',
  overviewSchedule: 'rate(6 hours)',
  analyzerType: 'ORGANIZATION_UNUSED_ACCESS',
  unusedAccessAge: 120,
  excludeAccounts: ['111122223333'],
  excludeResourceTags: ['refine=never', 'legacy'],
  sweepSchedule: 'rate(12 hours)',
  sweepAlarmHours: 30,
  catalogueSchedule: 'cron(0 3 ? * SUN *)',
  generalize: 'least',
  star: 'not-action',
  keep: ['iam:PassRole', 's3:Get*'],
  managedPoliciesPerRole: 25,
  excludeNames: ['*BreakGlass*'],
  excludePaths: ['/admins/'],
  excludeTags: ['owner=vendor', 'temporary'],
  retentionDays: 400,
  removalPolicy: 'destroy',
  lastAccessed: true,
  memberRoleName: 'RefinerReader',
  memberExternalId: 'an-external-id',
  concurrency: 8,
  accountCallsPerSecond: 30,
  analyzerCallsPerSecond: 25,
  bulkThreshold: 50,
  logRetentionDays: 30,
} as const;

/** Resources of one type, by logical name. */
export function ofType(template: CloudFormationTemplate, type: string): readonly TemplateResource[] {
  return Object.values(template.Resources).filter((resource) => resource.Type === type);
}

/** The one resource whose logical name, without the library's suffix, is this. */
export function resource(template: CloudFormationTemplate, name: string): TemplateResource {
  const found = Object.entries(template.Resources).filter(([id]) => id.replace(/[0-9A-F]{8}$/, '') === name);
  if (found.length !== 1) throw new Error(`${found.length} resources are called ${name}`);
  return found[0]![1];
}

export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Principal?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Statements of a policy document. */
export function statements(document: unknown): readonly Statement[] {
  return (document as { readonly Statement: readonly Statement[] }).Statement;
}

export function actions(statement: Statement): readonly string[] {
  return typeof statement.Action === 'string' ? [statement.Action] : statement.Action;
}
