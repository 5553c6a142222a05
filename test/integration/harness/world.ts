import {
  DeleteObjectsCommand,
  GetObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import {
  DeleteMessageCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { inject } from 'vitest';
import * as z from 'zod';
import { startAccessAnalyzer, type AccessAnalyzerServer } from './access-analyzer.ts';
import {
  HOME_ACCOUNT,
  homeSettings,
  MEMBER_ACCOUNT,
  s3Client,
  sqsClient,
  type Credentials,
} from './accounts.ts';
import { putEvents, type BusEvent } from './aws-request.ts';
import { output, type DeployedFunction, type Deployment, type QueueMapping } from './deployment.ts';
import { objectCreatedEvent } from './events.ts';
import { HandlerProcess, type Invocation } from './handler-process.ts';
import { policiesOf, type PolicyTemplate, type StackPolicies } from './iam/deployed-policies.ts';
import type { Statement } from './iam/evaluate.ts';
import { Gatekeeper, type DeployedPolicies } from './iam/gatekeeper.ts';
import { ANALYZER_ARN, MEMBER_ROLE } from './names.ts';
import { readProposal, type ReadProposal } from './proposals.ts';
import { startProxy, type Proxy } from './proxy.ts';
import { pumpAll, pumpOnce, type PumpedBatch } from './pump.ts';

export type HandlerName = 'Refine' | 'Account' | 'Sweep' | 'Catalogue' | 'Notify';
export type QueueName = 'Findings' | 'Accounts' | 'Sweep' | 'Notices';
export type DeadLetterName =
  | 'FindingsDeadLetters'
  | 'AccountsDeadLetters'
  | 'SweepDeadLetters'
  | 'CatalogueDeadLetters'
  | 'NoticesDeadLetters';

/** A message that arrived in the queue that is subscribed to the topic. */
export interface InboxMessage {
  readonly subject: string;
  readonly message: string;
  readonly attributes: Readonly<Record<string, string>>;
}

const ENVELOPE = z.object({
  Subject: z.string().default(''),
  Message: z.string(),
  MessageAttributes: z.record(z.string(), z.object({ Value: z.string() })).default({}),
});

/**
 * The deployed system and everything around it: queues, bus and topic are the emulator's, the functions are processes, and
 * what AWS does by itself between them is done here, one step at a time.
 */
export class World {
  readonly endpoint: string;
  readonly deployment: Deployment;
  readonly sqs: SQSClient;
  readonly bucket: string;
  readonly #inboxUrl: string;
  /**
   * Variables of a function's environment beside those that it is deployed with. Its role then has the policies that the
   * stack makes with those options.
   */
  readonly environment = new Map<HandlerName, Readonly<Record<string, string>>>();
  /** Makes other policies of those that the stacks were deployed with, statement by statement; undefined takes one away. */
  alterPolicies: ((role: string, statement: Statement) => Statement | undefined) | undefined;
  readonly #handlers = new Map<HandlerName, HandlerProcess>();
  readonly #policies = new Map<string, DeployedPolicies>();
  #told = 0;

  private constructor(
    endpoint: string,
    readonly s3: S3Client,
    deployment: Deployment,
    inboxUrl: string,
    readonly analyzer: AccessAnalyzerServer,
    readonly proxy: Proxy,
    readonly gatekeeper: Gatekeeper,
    readonly memberTemplate: PolicyTemplate,
  ) {
    this.endpoint = endpoint;
    this.deployment = deployment;
    this.sqs = sqsClient(endpoint);
    this.bucket = output(deployment, 'ProposalsBucketName');
    this.#inboxUrl = inboxUrl;
  }

  static async open(): Promise<World> {
    const { motoPort, s3Port, deployment, memberTemplate, inboxUrl } = inject('shared');
    const analyzer = await startAccessAnalyzer();
    analyzer.addAnalyzer(ANALYZER_ARN);
    const endpoint = `http://localhost:${String(motoPort)}`;
    const gatekeeper = new Gatekeeper();
    analyzer.allows = (call) => gatekeeper.allowsAnalyzer(call);
    const proxy = await startProxy(motoPort, s3Port, gatekeeper);
    return new World(
      endpoint,
      s3Client(`http://localhost:${String(s3Port)}`),
      deployment,
      inboxUrl,
      analyzer,
      proxy,
      gatekeeper,
      memberTemplate,
    );
  }

  async close(): Promise<void> {
    await this.stopHandlers();
    await this.proxy.stop();
    await this.analyzer.stop();
  }

  /** Empty queues, an empty bucket, no findings, no faults and no running functions. IAM stays as it is. */
  async reset(): Promise<void> {
    await this.stopHandlers();
    this.proxy.reset();
    this.analyzer.reset();
    this.environment.clear();
    this.alterPolicies = undefined;
    this.#told = 0;
    const names = [
      'Findings',
      'Accounts',
      'Sweep',
      'Notices',
      'FindingsDeadLetters',
      'AccountsDeadLetters',
      'SweepDeadLetters',
      'CatalogueDeadLetters',
      'NoticesDeadLetters',
    ] as const;
    for (const name of names) await this.sqs.send(new PurgeQueueCommand({ QueueUrl: this.queueUrl(name) }));
    await this.sqs.send(new PurgeQueueCommand({ QueueUrl: this.#inboxUrl }));
    const keys = await this.keys();
    for (let start = 0; start < keys.length; start += 1000) {
      const Objects = keys.slice(start, start + 1000).map((Key) => ({ Key }));
      await this.s3.send(new DeleteObjectsCommand({ Bucket: this.bucket, Delete: { Objects, Quiet: true } }));
    }
  }

  // ---- functions

  deployed(name: HandlerName): DeployedFunction {
    const wanted = output(this.deployment, `${name}FunctionName`);
    const found = this.deployment.functions.find((one) => one.name === wanted);
    if (!found) throw new Error(`no deployed function is called ${wanted}`);
    return found;
  }

  /** The running function; a new process where there is none, or where it died. */
  async handler(name: HandlerName): Promise<HandlerProcess> {
    const running = this.#handlers.get(name);
    if (running?.alive === true) return running;
    const started = await this.start(name);
    this.#handlers.set(name, started);
    return started;
  }

  /** One more process of a function, beside the running one. Whoever starts it kills it. */
  async start(name: HandlerName): Promise<HandlerProcess> {
    const found = this.deployed(name);
    const deployed = { ...found, environment: { ...found.environment, ...this.environment.get(name) } };
    const endpoints = { aws: this.proxy.endpoint, accessAnalyzer: this.analyzer.endpoint };
    const credentials = await this.#roleCredentials(deployed.role);
    const { main, member } = await this.policies(name);
    const altered = { main: this.#altered(main), member: this.#altered(member) };
    this.gatekeeper.admit(credentials.accessKeyId, deployed.role, altered);
    return HandlerProcess.start(deployed, endpoints, credentials);
  }

  /** What the function's role may do, and the role that it assumes in the member account. */
  async policies(name: HandlerName): Promise<DeployedPolicies> {
    const options = optionsOf(this.environment.get(name) ?? {});
    const key = JSON.stringify(options);
    const known = this.#policies.get(key);
    if (known !== undefined) return known;
    const deployed = { main: this.deployment.template, member: this.memberTemplate };
    // The library takes seconds to load, and most files test no option.
    const { main, member } =
      key === '{}' ? deployed : (await import('./iam/with-options.ts')).templatesWith(options);
    const roles = Object.entries(member.Resources).filter(([, { Type }]) => Type === 'AWS::IAM::Role');
    const policies = {
      main: policiesOf({ template: main, accountId: HOME_ACCOUNT, physical: this.deployment.physical }),
      member: policiesOf({
        template: member,
        accountId: MEMBER_ACCOUNT,
        physical: {
          WorkerRoleArn: output(this.deployment, 'WorkerRoleArn'),
          AccountWorkerRoleArn: output(this.deployment, 'AccountWorkerRoleArn'),
          ...Object.fromEntries(roles.map(([logicalId]) => [logicalId, MEMBER_ROLE])),
        },
      }),
    };
    this.#policies.set(key, policies);
    return policies;
  }

  #altered(policies: StackPolicies): StackPolicies {
    const alter = this.alterPolicies;
    if (alter === undefined) return policies;
    const roles = [...policies.roles].map(
      ([role, statements]) => [role, statements.flatMap((one) => alter(role, one) ?? [])] as const,
    );
    return { ...policies, roles: new Map(roles) };
  }

  async invoke(name: HandlerName, event: unknown, remainingMillis?: number): Promise<Invocation> {
    const invocation = await this.#invoke(name, event, remainingMillis);
    await this.tellBus();
    return invocation;
  }

  async #invoke(name: HandlerName, event: unknown, remainingMillis?: number): Promise<Invocation> {
    return (await this.handler(name)).invoke(event, remainingMillis);
  }

  /** SIGKILL to the running function. */
  async kill(name: HandlerName): Promise<void> {
    await this.#handlers.get(name)?.kill();
  }

  async stopHandlers(): Promise<void> {
    for (const handler of this.#handlers.values()) await handler.kill();
    this.#handlers.clear();
  }

  // ---- queues and the bus

  queueUrl(name: QueueName | DeadLetterName): string {
    const path = new URL(
      output(this.deployment, name.endsWith('DeadLetters') ? `${name}Url` : `${name}QueueUrl`),
    ).pathname;
    return this.endpoint + path;
  }

  mapping(queue: QueueName): QueueMapping {
    const name = handlerOf(queue);
    const mapping = this.deployment.mappings.find((one) => one.functionName === this.deployed(name).name);
    if (!mapping) throw new Error(`no queue feeds the function ${name}`);
    return mapping;
  }

  /** Until the queue is empty. The bus hears of what was stored when that is done: it would slow down what a test measures. */
  async pump(queue: QueueName): Promise<PumpedBatch[]> {
    const batches = await pumpAll(this.sqs, this.mapping(queue), (event) =>
      this.#invoke(handlerOf(queue), event),
    );
    await this.tellBus();
    return batches;
  }

  /** One batch only. */
  async pumpOnce(queue: QueueName): Promise<PumpedBatch | undefined> {
    return pumpOnce(this.sqs, this.mapping(queue), (event) => this.invoke(handlerOf(queue), event));
  }

  async putEvent(event: BusEvent): Promise<void> {
    await putEvents(this.endpoint, [event]);
  }

  async send(queue: QueueName, body: string): Promise<void> {
    await this.sqs.send(new SendMessageCommand({ QueueUrl: this.queueUrl(queue), MessageBody: body }));
  }

  /** Takes everything out of a queue. */
  async drain(queueUrl: string): Promise<string[]> {
    const bodies: string[] = [];
    for (;;) {
      const { Messages = [] } = await this.sqs.send(
        new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 }),
      );
      if (Messages.length === 0) return bodies;
      for (const { Body, ReceiptHandle } of Messages) {
        bodies.push(Body ?? '');
        await this.sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
      }
    }
  }

  deadLetters(name: DeadLetterName): Promise<string[]> {
    return this.drain(this.queueUrl(name));
  }

  /** What the topic's subscriber got since the last time. */
  async inbox(): Promise<InboxMessage[]> {
    return (await this.drain(this.#inboxUrl)).map((body) => {
      const envelope = ENVELOPE.parse(JSON.parse(body));
      const attributes = Object.entries(envelope.MessageAttributes).map(([name, { Value }]) => [name, Value]);
      return {
        subject: envelope.Subject,
        message: envelope.Message,
        attributes: Object.fromEntries(attributes) as Record<string, string>,
      };
    });
  }

  // ---- the bucket

  /** All keys, sorted. */
  async keys(prefix = ''): Promise<string[]> {
    const keys: string[] = [];
    for await (const page of paginateListObjectsV2(
      { client: this.s3 },
      { Bucket: this.bucket, Prefix: prefix },
    )) {
      for (const { Key } of page.Contents ?? []) if (Key !== undefined) keys.push(Key);
    }
    return keys.sort();
  }

  async read(key: string): Promise<string> {
    const { Body } = await this.s3.send(new GetObjectCommand({ Bucket: this.bucket, Key: key }));
    return (await Body?.transformToString('utf8')) ?? '';
  }

  /** The one proposal about a principal, by its name. */
  async proposalOf(name: string): Promise<ReadProposal> {
    const keys = (await this.proposals()).filter((key) => key.includes(`/${name}/`));
    const [key] = keys;
    if (key === undefined || keys.length > 1) throw new Error(`${name} has ${String(keys.length)} proposals`);
    return readProposal(await this.read(key));
  }

  /** Keys of complete proposals. */
  async proposals(): Promise<string[]> {
    return (await this.keys('proposals/')).filter((key) => key.endsWith('/proposal.json'));
  }

  /**
   * What S3 and EventBridge do by themselves: each object that a function stored since the last time becomes an event,
   * and the deployed rules decide who gets it.
   */
  async tellBus(): Promise<void> {
    const template = Object.values(this.deployment.template.Resources);
    const speaks = template.some(
      (one) =>
        one.Type === 'AWS::S3::Bucket' &&
        JSON.stringify(one.Properties['NotificationConfiguration'] ?? {}).includes(
          '"EventBridgeEnabled":true',
        ),
    );
    const stored = this.proxy.calls.slice(this.#told);
    this.#told = this.proxy.calls.length;
    if (!speaks) return;
    const events = stored.flatMap((call) =>
      call.operation === 'PutObject' && call.status === 200 && call.key !== undefined
        ? [objectCreatedEvent(call.parameters.get('Bucket') ?? '', call.key)]
        : [],
    );
    await putEvents(this.endpoint, events);
  }

  async #roleCredentials(roleArn: string): Promise<Credentials> {
    const { Credentials: given } = await new STSClient(homeSettings(this.endpoint)).send(
      new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'function' }),
    );
    return {
      accessKeyId: given?.AccessKeyId ?? '',
      secretAccessKey: given?.SecretAccessKey ?? '',
      sessionToken: given?.SessionToken ?? '',
    };
  }
}

const HANDLERS = { Findings: 'Refine', Accounts: 'Account', Sweep: 'Sweep', Notices: 'Notify' } as const;

function handlerOf(queue: QueueName): HandlerName {
  return HANDLERS[queue];
}

/** The options of the deployment that grant something and that a function's variables say are on. */
function optionsOf(environment: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> {
  const {
    FINDING_SOURCE: findingSource,
    LAST_ACCESSED: lastAccessed,
    SECOND_OPINIONS: opinions,
    OWNER_CONTACT: ownerContact,
  } = environment;
  return {
    ...(lastAccessed === undefined ? {} : { lastAccessed: true }),
    ...(findingSource ? { findingSource, analyzerArn: undefined } : {}),
    ...(opinions === undefined ? {} : { secondOpinions: z.array(z.string()).parse(JSON.parse(opinions)) }),
    ...(ownerContact === undefined ? {} : { ownerContact }),
  };
}
