import { Aws, Lazy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as s3 from 'aws-cdk-lib/aws-s3';

/** The actions that write or destroy an object. A delete marker hides an object and destroys nothing. */
const WRITING = ['s3:PutObject', 's3:ReplicateObject', 's3:ReplicateDelete', 's3:DeleteObjectVersion'];
const READING = ['s3:GetObject', 's3:GetObjectVersion'];

/** Sid of the statement that denies reading to everybody but the readers. */
const ONLY_READERS = 'OnlyReadersReadProposals';

interface Refusal {
  readonly actions: readonly string[];
  readonly keys: readonly string[];
  /** `ArnNotLike` if the exempted ARNs may be patterns. */
  readonly operator: 'ArnNotEquals' | 'ArnNotLike';
}

/**
 * The Deny statements of the bucket's policy, which apply to everybody but some principals, whatever their own
 * policies allow. Keys may end with `*`.
 */
export class BucketRefusals {
  readonly #bucket: s3.Bucket;
  readonly #readers: readonly string[];
  readonly #readersKeys: readonly string[];
  /** The exempted ARNs of each statement, by Sid. */
  readonly #spared = new Map<string, string[]>();

  /**
   * @param readers ARN patterns of the only principals, besides the functions, that may read the keys; if empty, IAM
   * decides
   */
  constructor(bucket: s3.Bucket, readers: readonly string[], readersKeys: readonly string[]) {
    this.#bucket = bucket;
    this.#readers = readers;
    this.#readersKeys = readersKeys;
  }

  /** Denies writing to everybody but some, whose ARNs may be patterns; an empty list exempts nobody. */
  onlyWriters(sid: string, arns: readonly string[], keys: readonly string[]): void {
    const refusal = { actions: WRITING, keys, operator: 'ArnNotLike' } as const;
    this.#refuse(sid, refusal, arns.length === 0 ? undefined : [...arns]);
  }

  /** Denies writing to everybody but one role; several calls with one `sid` exempt several roles. */
  onlyWriter(sid: string, role: iam.Role, keys: readonly string[]): void {
    this.#spare(sid, { actions: WRITING, keys, operator: 'ArnNotEquals' }, role.roleArn);
  }

  /** The same for reading. */
  onlyReader(sid: string, role: iam.Role, keys: readonly string[]): void {
    this.#spare(sid, { actions: READING, keys, operator: 'ArnNotEquals' }, role.roleArn);
  }

  /** Exempts a principal if only readers may read proposals. The root user of the account is exempted too. */
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
    // Lazy, because more principals may be exempted until synthesis.
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
