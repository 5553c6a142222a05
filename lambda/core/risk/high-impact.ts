import { foldCase } from '../pattern/matches.ts';

/**
 * The impact of an action: it can gain more permissions (`escalation`), open a resource to others (`exposure`), read
 * secrets or data, or destroy what is hard to restore, including audit records.
 */
export type Impact = 'escalation' | 'exposure' | 'secrets' | 'data' | 'destruction';

/** From the worst to the mildest. */
export const IMPACTS = ['escalation', 'exposure', 'secrets', 'data', 'destruction'] as const;

/** Why an action is on the list, and who says so. */
export interface HighImpact {
  /** Its place on the list, which has the worst of each impact first. */
  readonly place: number;
  readonly impact: Impact;
  /** One clause: what a holder of the action can do. */
  readonly reason: string;
  readonly source: string;
}

interface Entry extends Omit<HighImpact, 'place'> {
  /** `service:Action Action …` */
  readonly actions: readonly string[];
}

/** Methods of privilege escalation in AWS, by Rhino Security Labs. */
const ESCALATION_METHODS = 'https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/';
const PASS_ROLE = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html';
const BOUNDARIES = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html';
const PROVIDERS = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers.html';
const RESOURCE_POLICIES =
  'https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_identity-vs-resource.html';
const RESOURCE_TYPES = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-resources.html';
const PUBLIC_S3 =
  'https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html';
const KMS = 'https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html';
const TRAIL = 'https://docs.aws.amazon.com/awscloudtrail/latest/userguide/best-practices-security.html';
const REFERENCE =
  'https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html';

/** The curated list, in our own words. Each entry names its source. */
const LIST: readonly Entry[] = [
  {
    impact: 'escalation',
    reason: 'can write a policy that grants itself or others anything',
    source: ESCALATION_METHODS,
    actions: [
      'iam:CreatePolicyVersion SetDefaultPolicyVersion PutUserPolicy PutRolePolicy PutGroupPolicy',
      'iam:AttachUserPolicy AttachRolePolicy AttachGroupPolicy',
    ],
  },
  {
    impact: 'escalation',
    reason: 'can become a member of a group that is allowed more',
    source: ESCALATION_METHODS,
    actions: ['iam:AddUserToGroup', 'identitystore:CreateGroupMembership'],
  },
  {
    impact: 'escalation',
    reason: 'can make credentials of another user and act as that user',
    source: ESCALATION_METHODS,
    actions: [
      'iam:CreateAccessKey CreateLoginProfile UpdateLoginProfile CreateServiceSpecificCredential',
      'iam:ResetServiceSpecificCredential UploadSigningCertificate UploadSSHPublicKey UpdateAccessKey',
    ],
  },
  {
    impact: 'escalation',
    reason: 'can let itself or outsiders assume a role',
    source: ESCALATION_METHODS,
    actions: ['iam:UpdateAssumeRolePolicy', 'cognito-identity:SetIdentityPoolRoles'],
  },
  {
    impact: 'escalation',
    reason: 'can lend a role to a service and act through it',
    source: PASS_ROLE,
    actions: ['iam:PassRole'],
  },
  {
    impact: 'escalation',
    reason: 'can act as every role that trusts it',
    source: ESCALATION_METHODS,
    actions: ['sts:AssumeRole'],
  },
  {
    impact: 'escalation',
    reason: 'can lift or change the limit of what an identity may be granted',
    source: BOUNDARIES,
    actions: [
      'iam:DeleteRolePermissionsBoundary DeleteUserPermissionsBoundary',
      'iam:PutRolePermissionsBoundary PutUserPermissionsBoundary',
      'organizations:DetachPolicy UpdatePolicy DeletePolicy DisablePolicyType',
    ],
  },
  {
    impact: 'escalation',
    reason: 'can remove a policy that denies',
    source: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html',
    actions: [
      'iam:DetachRolePolicy DetachUserPolicy DetachGroupPolicy',
      'iam:DeleteRolePolicy DeleteUserPolicy DeleteGroupPolicy RemoveUserFromGroup',
    ],
  },
  {
    impact: 'escalation',
    reason: 'can let identities from outside sign in to roles',
    source: PROVIDERS,
    actions: [
      'iam:CreateSAMLProvider UpdateSAMLProvider CreateOpenIDConnectProvider',
      'iam:AddClientIDToOpenIDConnectProvider UpdateOpenIDConnectProviderThumbprint',
    ],
  },
  {
    impact: 'escalation',
    reason: 'can remove the second factor of a sign-in',
    source: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa.html',
    actions: ['iam:DeactivateMFADevice DeleteVirtualMFADevice'],
  },
  {
    impact: 'escalation',
    reason: 'can give people of IAM Identity Center more access',
    source: 'https://docs.aws.amazon.com/singlesignon/latest/userguide/permissionsetsconcept.html',
    actions: [
      'sso:CreateAccountAssignment AttachManagedPolicyToPermissionSet PutInlinePolicyToPermissionSet',
      'sso:AttachCustomerManagedPolicyReferenceToPermissionSet ProvisionPermissionSet',
    ],
  },
  {
    impact: 'escalation',
    reason: 'can run code of its own with the role of a function',
    source: ESCALATION_METHODS,
    actions: [
      'lambda:CreateFunction UpdateFunctionCode UpdateFunctionConfiguration CreateEventSourceMapping',
    ],
  },
  {
    impact: 'escalation',
    reason: 'can run code of its own with the role of a machine',
    source: ESCALATION_METHODS,
    actions: [
      'ec2:RunInstances AssociateIamInstanceProfile ReplaceIamInstanceProfileAssociation',
      'ec2:ModifyInstanceAttribute CreateLaunchTemplateVersion RequestSpotInstances',
      'autoscaling:CreateLaunchConfiguration',
      'ssm:SendCommand StartSession StartAutomationExecution CreateAssociation',
      'ec2-instance-connect:SendSSHPublicKey SendSerialConsoleSSHPublicKey',
      'lightsail:CreateInstances',
    ],
  },
  {
    impact: 'escalation',
    reason: 'can run code of its own with the role of a task, job or build',
    source: ESCALATION_METHODS,
    actions: [
      'ecs:RegisterTaskDefinition RunTask StartTask ExecuteCommand UpdateService CreateService',
      'batch:RegisterJobDefinition SubmitJob',
      'codebuild:CreateProject UpdateProject StartBuild StartBuildBatch',
      'glue:CreateDevEndpoint UpdateDevEndpoint CreateJob UpdateJob CreateSession',
      'sagemaker:CreateNotebookInstance CreatePresignedNotebookInstanceUrl CreateTrainingJob CreateProcessingJob',
      'datapipeline:CreatePipeline PutPipelineDefinition',
      'elasticmapreduce:RunJobFlow AddJobFlowSteps',
      'apprunner:CreateService UpdateService',
    ],
  },
  {
    impact: 'escalation',
    reason: 'can have a deployment or workflow act with its role',
    source: ESCALATION_METHODS,
    actions: [
      'cloudformation:CreateStack UpdateStack CreateChangeSet ExecuteChangeSet CreateStackSet UpdateStackSet',
      'states:CreateStateMachine UpdateStateMachine',
      'codepipeline:CreatePipeline UpdatePipeline',
      'scheduler:CreateSchedule UpdateSchedule',
    ],
  },
  {
    impact: 'exposure',
    reason: 'can open a bucket or its objects to other accounts or to everybody',
    source: PUBLIC_S3,
    actions: [
      's3:PutBucketPolicy DeleteBucketPolicy PutBucketAcl PutObjectAcl PutObjectVersionAcl',
      's3:PutBucketPublicAccessBlock PutAccountPublicAccessBlock PutAccessPointPolicy',
      's3:PutAccessPointPublicAccessBlock PutBucketOwnershipControls',
    ],
  },
  {
    impact: 'exposure',
    reason: 'can have objects copied to a bucket elsewhere',
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html',
    actions: ['s3:PutReplicationConfiguration'],
  },
  {
    impact: 'exposure',
    reason: 'can let others use a key, and with it read what the key protects',
    source: KMS,
    actions: ['kms:PutKeyPolicy CreateGrant'],
  },
  {
    impact: 'exposure',
    reason: 'can open a resource to other accounts by its own policy',
    source: RESOURCE_POLICIES,
    actions: [
      'lambda:AddPermission AddLayerVersionPermission CreateFunctionUrlConfig UpdateFunctionUrlConfig',
      'sqs:AddPermission SetQueueAttributes',
      'sns:AddPermission SetTopicAttributes',
      'ecr:SetRepositoryPolicy PutRegistryPolicy',
      'ecr-public:SetRepositoryPolicy',
      'secretsmanager:PutResourcePolicy DeleteResourcePolicy',
      'ssm:ModifyDocumentPermission PutResourcePolicy',
      'glacier:SetVaultAccessPolicy',
      'backup:PutBackupVaultAccessPolicy DeleteBackupVaultAccessPolicy',
      'elasticfilesystem:PutFileSystemPolicy DeleteFileSystemPolicy',
      'dynamodb:PutResourcePolicy',
      'events:PutPermission',
      'logs:PutResourcePolicy PutSubscriptionFilter PutDestinationPolicy',
      'codeartifact:PutDomainPermissionsPolicy PutRepositoryPermissionsPolicy',
      'glue:PutResourcePolicy',
      'kinesis:PutResourcePolicy',
      'apigateway:UpdateRestApiPolicy',
      'es:CreateDomain UpdateDomainConfig',
      'codebuild:PutResourcePolicy',
    ],
  },
  {
    impact: 'exposure',
    reason: 'can share a snapshot, an image or a resource with other accounts',
    source: RESOURCE_TYPES,
    actions: [
      'ec2:ModifySnapshotAttribute ModifyImageAttribute',
      'rds:ModifyDBSnapshotAttribute ModifyDBClusterSnapshotAttribute',
      'redshift:AuthorizeSnapshotAccess',
      'ram:CreateResourceShare AssociateResourceShare AssociateResourceSharePermission',
    ],
  },
  {
    impact: 'exposure',
    reason: 'can open a network to the outside',
    source: 'https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html',
    actions: [
      'ec2:AuthorizeSecurityGroupIngress CreateNetworkAclEntry ReplaceNetworkAclEntry AttachInternetGateway',
      'rds:ModifyDBInstance ModifyDBCluster',
    ],
  },
  {
    impact: 'secrets',
    reason: 'reads secrets and parameters in plain text',
    source: 'https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access.html',
    actions: [
      'secretsmanager:GetSecretValue BatchGetSecretValue',
      'ssm:GetParameter GetParameters GetParametersByPath GetParameterHistory',
    ],
  },
  {
    impact: 'secrets',
    reason: 'decrypts what a key protects',
    source: KMS,
    actions: ['kms:Decrypt'],
  },
  {
    impact: 'secrets',
    reason: 'hands out credentials or passwords',
    source: REFERENCE,
    actions: [
      'ec2:GetPasswordData',
      'redshift:GetClusterCredentials GetClusterCredentialsWithIAM',
      'redshift-serverless:GetCredentials',
      'rds-db:connect',
      'lightsail:DownloadDefaultKeyPair GetInstanceAccessDetails GetRelationalDatabaseMasterUserPassword',
      'sts:GetFederationToken AssumeRoleWithWebIdentity AssumeRoleWithSAML',
      'codeartifact:GetAuthorizationToken',
    ],
  },
  {
    impact: 'secrets',
    reason: 'reads code and environment variables, which often hold secrets',
    source: 'https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html',
    actions: ['lambda:GetFunction', 'ec2:DescribeInstanceAttribute', 'codebuild:BatchGetProjects'],
  },
  {
    impact: 'data',
    reason: 'reads stored data',
    source: REFERENCE,
    actions: [
      's3:GetObject GetObjectVersion',
      'dynamodb:GetItem BatchGetItem Query Scan GetRecords ExportTableToPointInTime',
      'rds-data:ExecuteStatement BatchExecuteStatement',
      'redshift-data:ExecuteStatement GetStatementResult',
      'athena:GetQueryResults StartQueryExecution',
      'ebs:GetSnapshotBlock',
      'kinesis:GetRecords',
      'sqs:ReceiveMessage',
      'codecommit:GitPull',
      'es:ESHttpGet ESHttpPost',
      'logs:GetLogEvents FilterLogEvents StartQuery',
    ],
  },
  {
    impact: 'destruction',
    reason: 'deletes stored data or its copies',
    source: REFERENCE,
    actions: [
      's3:DeleteBucket DeleteObject DeleteObjectVersion PutLifecycleConfiguration',
      'dynamodb:DeleteTable DeleteBackup',
      'rds:DeleteDBInstance DeleteDBCluster DeleteDBSnapshot DeleteDBClusterSnapshot',
      'rds:DeleteDBInstanceAutomatedBackup',
      'ec2:DeleteSnapshot DeleteVolume DeregisterImage',
      'backup:DeleteRecoveryPoint DeleteBackupVault DeleteBackupPlan',
      'elasticfilesystem:DeleteFileSystem',
      'glacier:DeleteArchive DeleteVault',
      'redshift:DeleteCluster DeleteClusterSnapshot',
      'ecr:DeleteRepository BatchDeleteImage',
      'sqs:DeleteQueue PurgeQueue',
      'kinesis:DeleteStream',
      'secretsmanager:DeleteSecret',
    ],
  },
  {
    impact: 'destruction',
    reason: 'makes everything unreadable that a key protects',
    source: 'https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html',
    actions: ['kms:ScheduleKeyDeletion DisableKey'],
  },
  {
    impact: 'destruction',
    reason: 'deletes running systems',
    source: REFERENCE,
    actions: [
      'ec2:TerminateInstances DeleteVpc',
      'cloudformation:DeleteStack DeleteStackSet',
      'eks:DeleteCluster',
      'ecs:DeleteCluster DeleteService',
      'lambda:DeleteFunction',
      'route53:DeleteHostedZone ChangeResourceRecordSets',
      'iam:DeleteRole DeleteUser',
      'organizations:CloseAccount LeaveOrganization RemoveAccountFromOrganization',
    ],
  },
  {
    impact: 'destruction',
    reason: 'stops or deletes the records of what happens in the account',
    source: TRAIL,
    actions: [
      'cloudtrail:StopLogging DeleteTrail UpdateTrail PutEventSelectors DeleteEventDataStore',
      'config:StopConfigurationRecorder DeleteConfigurationRecorder DeleteDeliveryChannel',
      'guardduty:DeleteDetector UpdateDetector DisassociateFromMasterAccount',
      'securityhub:DisableSecurityHub',
      'access-analyzer:DeleteAnalyzer',
      'logs:DeleteLogGroup DeleteLogStream PutRetentionPolicy',
      'ec2:DeleteFlowLogs',
    ],
  },
];

/** By case-folded service and action. Most services are not on the list, and then no action is looked up. */
const BY_SERVICE = new Map<string, Map<string, HighImpact>>();
let places = 0;
for (const { actions, ...why } of LIST) {
  for (const line of actions) {
    const colon = line.indexOf(':');
    const service = foldCase(line.slice(0, colon));
    const known = BY_SERVICE.get(service) ?? new Map<string, HighImpact>();
    for (const name of line.slice(colon + 1).split(' '))
      known.set(foldCase(name), { ...why, place: (places += 1) });
    BY_SERVICE.set(service, known);
  }
}

/** The list's actions of one service, both case-folded; undefined if there is none. */
export function highImpactIn(service: string): ReadonlyMap<string, HighImpact> | undefined {
  return BY_SERVICE.get(service);
}

/** The impact of `service:Action`, in any case; undefined for an action that is not on the list. */
export function highImpactOf(action: string): HighImpact | undefined {
  const key = foldCase(action);
  const colon = key.indexOf(':');
  return BY_SERVICE.get(key.slice(0, colon))?.get(key.slice(colon + 1));
}

/** Every action of the list, case-folded. */
export function highImpactActions(): readonly string[] {
  return [...BY_SERVICE].flatMap(([service, actions]) =>
    [...actions.keys()].map((name) => `${service}:${name}`),
  );
}
