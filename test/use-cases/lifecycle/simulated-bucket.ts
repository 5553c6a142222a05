import {
  GetObjectCommand,
  type HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { S3Objects } from '../../../lambda/adapters/aws/s3/objects.ts';
import {
  INDEX_DATA_OBJECT,
  INDEX_OBJECT,
  STATE_OBJECT,
  SWEEPS_PREFIX,
} from '../../../lambda/contract/object-keys.ts';
import type { Result } from '../../../lambda/core/pattern/result.ts';
import { serviceError } from '../../adapters/aws/support.ts';
import type { Setting } from './simulated-setting.ts';

type Command = GetObjectCommand | HeadObjectCommand | PutObjectCommand | ListObjectsV2Command;

interface Kept {
  readonly body: string | Uint8Array;
  readonly etag: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Milliseconds; whole seconds. */
  readonly at: number;
}

/** How one reading of a process uses the bucket. */
export interface Access {
  readonly pause: () => Promise<void>;
  readonly listed: (prefix: string, keys: readonly string[]) => void;
  readonly read: (key: string) => void;
  /** Called at the moment of each write that nothing stops. */
  readonly writes: (key: string, text: string) => Promise<void>;
  /** Called with each write that its condition stops. */
  readonly isLate: (key: string) => void;
  /** Whether the state of a proposal is read at the same moment as the proposal. */
  readonly readsAtOnce: boolean;
}

/** What was parsed, by key and text: the same text is read over and over, and reading it is half of the work. */
const parsings = new Map<string, Result<unknown>>();
const MOST_PARSINGS = 2_000;

export function parsed<T>(key: string, text: string, parse: (text: string) => Result<T>): Result<T> {
  const name = `${key} ${text}`;
  const known = parsings.get(name) as Result<T> | undefined;
  if (known) return known;
  if (parsings.size >= MOST_PARSINGS) parsings.clear();
  const result = parse(text);
  parsings.set(name, result);
  return result;
}

class RememberingObjects extends S3Objects {
  override read<T>(key: string, parse: (text: string) => Result<T>, remedy: string) {
    return super.read(key, (text) => parsed(key, text, parse), remedy);
  }
}

/** The bucket, as S3 answers: with conditional writes, listings, versions and times. */
export class Bucket {
  readonly #setting: Setting;
  readonly #kept = new Map<string, Kept>();
  /** Keys that may not be written at present: by S3's or the key's policy. */
  readonly refused = new Set<string>();

  constructor(setting: Setting) {
    this.#setting = setting;
  }

  text(key: string): string | undefined {
    const body = this.#kept.get(key)?.body;
    return typeof body === 'string' ? body : undefined;
  }

  at(key: string): number | undefined {
    return this.#kept.get(key)?.at;
  }

  /** What expires, or is deleted by hand. */
  delete(key: string): void {
    this.#kept.delete(key);
  }

  /** What is there at the beginning. */
  keep(key: string, text: string): void {
    this.#kept.set(key, { body: text, etag: text, metadata: {}, at: this.#setting.seconds() });
  }

  keys(prefix: string): readonly string[] {
    return [...this.#kept.keys()].filter((key) => key.startsWith(prefix)).sort();
  }

  /** The adapter over it, for one reading. */
  objects(access: Access): S3Objects {
    const send = (command: Command): Promise<unknown> => this.#answer(command, access);
    return new RememberingObjects({ send } as unknown as S3Client, 'bucket');
  }

  async #answer(command: Command, access: Access): Promise<unknown> {
    if (command instanceof ListObjectsV2Command) {
      const { Prefix: prefix = '' } = command.input;
      await access.pause();
      const keys = this.keys(prefix);
      access.listed(prefix, keys);
      return { Contents: keys.map((Key) => ({ Key, ...this.#about(Key) })) };
    }
    const { Key: key = '' } = command.input;
    if (command instanceof PutObjectCommand) return this.#put(key, command, access);
    if (!access.readsAtOnce || !key.endsWith(STATE_OBJECT)) await access.pause();
    const isGet = command instanceof GetObjectCommand;
    if (isGet) {
      access.read(key);
      if (this.#setting.trouble(0.01)) throw serviceError('RequestTimeTooSkewed', 403);
    }
    const kept = this.#kept.get(key);
    if (!kept) throw serviceError(isGet ? 'NoSuchKey' : 'NotFound', 404);
    const { body } = kept;
    const Body = {
      transformToString: () => Promise.resolve(body),
      transformToByteArray: () => Promise.resolve(body),
    };
    return { ...this.#about(key), Metadata: kept.metadata, Body };
  }

  #about(key: string) {
    const kept = this.#kept.get(key);
    return { ETag: kept?.etag, LastModified: new Date(kept?.at ?? 0) };
  }

  async #put(key: string, { input }: PutObjectCommand, access: Access): Promise<{ readonly ETag: string }> {
    await access.pause();
    if (this.#isRefused(key)) throw serviceError('AccessDenied', 403);
    try {
      this.#mayBeWritten(key, input);
    } catch (error) {
      access.isLate(key);
      throw error;
    }
    const body = input.Body as string | Uint8Array;
    // The page shows what the data says.
    if (key === INDEX_OBJECT) return { ETag: '' };
    if (typeof body === 'string') await access.writes(key, body);
    // A copy of the job, or of the sweep's slice, may have continued from what is there.
    if (key.startsWith(SWEEPS_PREFIX) && this.#differs(key, body))
      this.#setting.wrongs.add(`${key} is replaced`);
    const etag = typeof body === 'string' ? body : this.#setting.next('etag');
    this.#kept.set(key, { body, etag, metadata: input.Metadata ?? {}, at: this.#setting.seconds() });
    await access.pause();
    // The answer is lost, and the SDK sends the same again.
    const isConditional = input.IfMatch !== undefined || input.IfNoneMatch !== undefined;
    if (isConditional && this.#setting.trouble(0.01)) throw serviceError('PreconditionFailed', 412);
    return { ETag: etag };
  }

  #differs(key: string, body: string | Uint8Array): boolean {
    const there = this.#kept.get(key)?.body;
    return there !== undefined && Buffer.compare(Buffer.from(there), Buffer.from(body)) !== 0;
  }

  #isRefused(key: string): boolean {
    return !this.#setting.isQuiet && this.refused.has(key);
  }

  #mayBeWritten(key: string, { IfMatch, IfNoneMatch }: PutObjectCommand['input']): void {
    const kept = this.#kept.get(key);
    if (IfNoneMatch !== undefined && kept) throw serviceError('PreconditionFailed', 412);
    if (IfMatch !== undefined && !kept) throw serviceError('NoSuchKey', 404);
    if (IfMatch !== undefined && IfMatch !== kept?.etag) throw serviceError('PreconditionFailed', 412);
    if (IfMatch === undefined && IfNoneMatch === undefined) return;
    // Somebody else writes at this moment, or has deleted the overview and puts it back.
    if (this.#setting.trouble(0.02)) throw serviceError('ConditionalRequestConflict', 409);
    if (key === INDEX_DATA_OBJECT && IfMatch !== undefined && this.#setting.trouble(0.03))
      throw serviceError('NoSuchKey', 404);
  }
}
