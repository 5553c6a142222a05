import { Aws, Lazy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as s3 from 'aws-cdk-lib/aws-s3';

/** The actions that write or destroy an object. A delete marker hides an object and destroys nothing. */
const WRITING = ['s3:PutObject', 's3:ReplicateObject', 's3:ReplicateDelete', 's3:DeleteObjectVersion'];
const READING = ['s3:GetObject', 's3:GetObjectVersion'];

/** The statement that refuses reading to all but the readers. */
const ONLY_READERS = 'OnlyReadersReadProposals';

interface Refusal {
  readonly actions: readonly string[];
  readonly keys: readonly string[];
  /** `ArnNotLike` where ARNs that are spared may be patterns. */
  readonly operator: 'ArnNotEquals' | 'ArnNotLike';
}

/**
 * What the policy of the bucket refuses to everybody but a few, whatever their own policies allow. Keys may end with
 * `*`.
 */
export class BucketRefusals {
  readonly #bucket: s3.Bucket;
  readonly #readers: readonly string[];
  readonly #readersKeys: readonly string[];
  /** ARNs that a refusal spares, by the statement. */
  readonly #spared = new Map<string, string[]>();

  /**
   * @param readers ARN patterns of the only ones, in addition to the functions, who may read the keys; none: IAM
   * decides
   */
  constructor(bucket: s3.Bucket, readers: readonly string[], readersKeys: readonly string[]) {
    this.#bucket = bucket;
    this.#readers = readers;
    this.#readersKeys = readersKeys;
  }

  /** Refuses writing to all but some, whose ARNs may be patterns; none spares nobody. */
  onlyWriters(sid: string, arns: readonly string[], keys: readonly string[]): void {
    const refusal = { actions: WRITING, keys, operator: 'ArnNotLike' } as const;
    this.#refuse(sid, refusal, arns.length === 0 ? undefined : [...arns]);
  }

  /** Refuses writing to all but one role, or those that are named under one `sid`. */
  onlyWriter(sid: string, role: iam.Role, keys: readonly string[]): void {
    this.#spare(sid, { actions: WRITING, keys, operator: 'ArnNotEquals' }, role.roleArn);
  }

  /** The same of reading. */
  onlyReader(sid: string, role: iam.Role, keys: readonly string[]): void {
    this.#spare(sid, { actions: READING, keys, operator: 'ArnNotEquals' }, role.roleArn);
  }

  /** Where only readers may read proposals, this one may too, and so may the root user of the account. */
  spareReader(arn: string): void {
    if (this.#readers.length === 0) return;
    const refusal = { actions: READING, keys: this.#readersKeys, operator: 'ArnNotLike' } as const;
    const root = `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:root`;
    this.#spare(ONLY_READERS, refusal, arn, [root, ...this.#readers]);
  }

  #spare(sid: string, refusal: Refusal, arn: string, others: readonly string[] = []): void {
    const known = this.#spared.get(sid);
    if (known?.includes(arn) === false) known.push(arn);
    if (known) return;
    const spared = [...others, arn];
    this.#spared.set(sid, spared);
    // More may be spared until the template is written.
    this.#refuse(sid, refusal, Lazy.any({ produce: () => (spared.length === 1 ? spared[0] : spared) }));
  }

  #refuse(sid: string, { actions, keys, operator }: Refusal, spared: unknown): void {
    this.#bucket.addToResourcePolicy(
      new iam.PolicyStatement({
        sid,
        effect: iam.Effect.DENY,
        principals: [new iam.AnyPrincipal()],
        actions: [...actions],
        resources: keys.map((key) => this.#bucket.arnForObjects(key)),
        ...(spared === undefined ? {} : { conditions: { [operator]: { 'aws:PrincipalArn': spared } } }),
      }),
    );
  }
}
