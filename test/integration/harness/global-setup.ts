import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { HOME_ACCOUNT, MEMBER_ACCOUNT, s3Client, settingsOf, snsClient, sqsClient } from './accounts.ts';
import { queryRequest } from './aws-request.ts';
import { ASSEMBLY, deployApp } from './cdk.ts';
import { output, readDeployment, TEMPLATE, type Deployment, type Template } from './deployment.ts';
import { startMoto } from './moto.ts';
import { OPTIONS, STACK } from './names.ts';

/** What the tests get to know of the emulator that this set-up runs. */
export interface Shared {
  readonly motoPort: number;
  /** A second emulator, for the objects: one Python process uses one core, and S3 is most of what the worker calls. */
  readonly s3Port: number;
  readonly deployment: Deployment;
  /** Of the member account's stack. */
  readonly memberTemplate: Template;
  /** A queue that is subscribed to the topic. */
  readonly inboxUrl: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    shared: Shared;
  }
}

/** Starts the emulator and deploys the real app into two accounts of it, once for all test files. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const [moto, s3] = await Promise.all([startMoto(), startMoto()]);
  const stop = async (): Promise<void> => {
    await Promise.all([moto.stop(), s3.stop()]);
  };
  try {
    await deployApp(moto.endpoint, [STACK], OPTIONS, ASSEMBLY);
    const deployment = await readDeployment(moto.endpoint, ASSEMBLY, STACK);
    const memberTemplate = await deployMember(moto.endpoint, {
      WorkerRoleArn: output(deployment, 'WorkerRoleArn'),
      AccountWorkerRoleArn: output(deployment, 'AccountWorkerRoleArn'),
    });
    await s3Client(s3.endpoint).send(
      new CreateBucketCommand({ Bucket: output(deployment, 'ProposalsBucketName') }),
    );
    project.provide('shared', {
      motoPort: moto.port,
      s3Port: s3.port,
      deployment,
      memberTemplate,
      inboxUrl: await subscribeInbox(moto.endpoint, output(deployment, 'TopicArn')),
    });
  } catch (error) {
    await stop();
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`the app could not be deployed: ${message}\n${moto.complaints().slice(-4000)}`, {
      cause: error,
    });
  }
  return stop;
}

/** Rolls the member template out as a StackSet would: the bare template, with the workers' roles as its parameters. */
async function deployMember(
  endpoint: string,
  parameters: Readonly<Record<string, string>>,
): Promise<Template> {
  const folder = join(ASSEMBLY, 'assembly-Member');
  const [file] = (await readdir(folder)).filter((name) => name.endsWith('.template.json'));
  if (file === undefined) throw new Error(`${folder} holds no template of the member stack`);
  const { credentials } = await settingsOf(endpoint, MEMBER_ACCOUNT);
  const text = await readFile(join(folder, file), 'utf8');
  await queryRequest(
    endpoint,
    'cloudformation',
    {
      Action: 'CreateStack',
      Version: '2010-05-15',
      StackName: 'UnusedAccessReader',
      TemplateBody: text,
      ...Object.fromEntries(
        Object.entries(parameters).flatMap(([name, value], index) => [
          [`Parameters.member.${String(index + 1)}.ParameterKey`, name],
          [`Parameters.member.${String(index + 1)}.ParameterValue`, value],
        ]),
      ),
      'Capabilities.member.1': 'CAPABILITY_NAMED_IAM',
    },
    credentials,
  );
  return TEMPLATE.parse(JSON.parse(text));
}

async function subscribeInbox(endpoint: string, topicArn: string): Promise<string> {
  const sqs = sqsClient(endpoint);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'inbox' }));
  if (QueueUrl === undefined) throw new Error('moto gave no address for the inbox');
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  await snsClient(endpoint).send(
    new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint: Attributes?.['QueueArn'] }),
  );
  return `${endpoint}/${HOME_ACCOUNT}/inbox`;
}
