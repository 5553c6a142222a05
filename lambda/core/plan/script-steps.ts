import type { PrincipalRef, Tag } from '../model/principal.ts';
import { apiCalls } from './api-calls.ts';
import type { ApiCall, PlanStep, VersionAction } from './schema.ts';
import { shellOption, shellQuote as q } from './shell-quote.ts';

/** Shell lines that do a step. The calls are those of `apiCalls`, written out; a few need to look first. */
export function scriptStep(step: PlanStep, principal: PrincipalRef): readonly string[] {
  switch (step.op) {
    case 'create-default-version':
      return [`make_room ${q(step.policyArn)}`, ...newDefault(step.policyArn, step.after.file)];
    case 'restore-default-version':
      return restore(step);
    case 'delete-policy':
      return deleteCopy(step.policyArn);
    case 'put-inline-policy':
    case 'delete-inline-policy':
    case 'create-policy':
    case 'attach-policy':
    case 'detach-policy':
    case 'set-access-key-status':
    case 'delete-password':
      return apiCalls(principal, step).flatMap(commandLine);
    default: {
      const never: never = step;
      return never;
    }
  }
}

/** `CreatePolicy` with its parameters becomes `aws iam create-policy --policy-name … --policy-document file://…`. */
function commandLine({ call, parameters }: ApiCall): readonly string[] {
  const options = Object.entries(parameters).map(([name, value]) => option(`--${kebab(name)}`, value));
  // Ids of what was created are of no use to the reader; errors still appear.
  return [`aws iam ${kebab(call)} \\`, ...options.map((option) => `  ${option} \\`), '  >/dev/null'];
}

function option(name: string, value: string | boolean | readonly Tag[]): string {
  if (typeof value === 'boolean') return name;
  if (typeof value === 'string') return shellOption(name, value);
  const tags = value.map(({ key, value: text }) => ({ Key: key, Value: text }));
  return `${name} ${q(JSON.stringify(tags))}`;
}

function kebab(name: string): string {
  return name.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
}

function newDefault(policyArn: string, file: string): readonly string[] {
  return commandLine({
    call: 'CreatePolicyVersion',
    parameters: { PolicyArn: policyArn, PolicyDocument: `file://${file}`, SetAsDefault: true },
  });
}

function restore(step: VersionAction<'restore-default-version'>): readonly string[] {
  const arn = q(step.policyArn);
  const id = q(step.versionId ?? '');
  return [
    `added=$(default_version ${arn})`,
    `if aws iam get-policy-version --policy-arn ${arn} --version-id ${id} >/dev/null 2>&1; then`,
    `  aws iam set-default-policy-version --policy-arn ${arn} --version-id ${id}`,
    'else',
    `  # ${step.versionId} is gone, so its document comes back as a new version.`,
    `  make_room ${arn}`,
    ...newDefault(step.policyArn, step.before.file).map((line) => `  ${line}`),
    'fi',
    `aws iam delete-policy-version --policy-arn ${arn} --version-id "$added"`,
  ];
}

function deleteCopy(policyArn: string): readonly string[] {
  const arn = q(policyArn);
  return [
    `if [ "$(aws iam get-policy --policy-arn ${arn} --query Policy.AttachmentCount --output text)" = 0 ]; then`,
    `  for version in $(aws iam list-policy-versions --policy-arn ${arn} \\`,
    `    --query 'Versions[?!IsDefaultVersion].VersionId' --output text); do`,
    `    aws iam delete-policy-version --policy-arn ${arn} --version-id "$version"`,
    '  done',
    `  aws iam delete-policy --policy-arn ${arn}`,
    'else',
    `  printf '%s\\n' ${q(`kept ${policyArn}: others have it attached`)}`,
    'fi',
  ];
}
