import { z } from 'zod';
import { jsonObject, type JsonValue } from '../../core/model/json.ts';
import { AccountIndex } from '../account/account-index.ts';
import type { InlineRecord, ManagedPolicyRecord, RoleRecord } from '../account/account-records.ts';
import type { CursorOptions, JsonCursor, JsonSlice } from '../json/json-cursor.ts';
import { memberParts, OPEN_BRACE } from '../json/json-parts.ts';
import { asJsonValue } from '../json/plain-json.ts';
import { type ByteSource, openSource } from './byte-source.ts';
import { checkShape } from './check-shape.ts';
import { ExportDocuments } from './export-documents.ts';
import {
  DOCUMENTS,
  type EntityShape,
  groupSchema,
  type InlineShape,
  policySchema,
  type PolicyShape,
  restSchema,
  roleSchema,
  userSchema,
} from './export-schema.ts';
import { InputError } from './input-error.ts';
import { checkElement, type ElementPlace, placeOf, readElement, walkFile } from './json-elements.ts';
import { copyOf, own } from './own-text.ts';

const PRINCIPAL_LISTS = ['RoleDetailList', 'UserDetailList', 'GroupDetailList'];

/** The object at the top, and the list in it. */
const AROUND_ENTRIES = 2;
const AROUND_MEMBERS = 1;

/**
 * The principals of an exported account. The file may be larger than memory: it is read in pieces, and policy documents stay
 * in it until somebody asks for them.
 * Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
 * @throws InputError that names the file and the place
 */
export function readAccountExport(file: string, options?: CursorOptions): AccountIndex {
  return indexExport(openSource(file), options);
}

/** The same for a file that is open already. */
export function indexExport(source: ByteSource, options?: CursorOptions): AccountIndex {
  const reader = new ExportReader(source);
  walkFile(
    source,
    (cursor) => {
      reader.readAll(cursor);
    },
    options,
  );
  return reader.index;
}

class ExportReader {
  readonly index = new AccountIndex();
  readonly #source: ByteSource;
  readonly #documents: ExportDocuments;
  readonly #seen = new Set<string>();
  /** Members that are no lists, for the schema to judge. */
  readonly #rest: (readonly [string, JsonValue])[] = [];

  constructor(source: ByteSource) {
    this.#source = source;
    this.#documents = new ExportDocuments(source);
  }

  readAll(cursor: JsonCursor): void {
    if (cursor.peek() === OPEN_BRACE) this.#readMembers(cursor);
    else {
      readElement(cursor.cut(), 0);
      if (cursor.peek() !== -1) throw cursor.refusal('0 ');
    }
    if (!PRINCIPAL_LISTS.some((name) => this.#seen.has(name))) {
      throw new InputError(
        `${this.#source.file}: has none of ${PRINCIPAL_LISTS.join(', ')}; expected the output of aws iam get-account-authorization-details`,
      );
    }
    const rest = checkShape(restSchema, jsonObject(this.#rest), this.#source.file, '', DOCUMENTS);
    if (rest.IsTruncated) {
      throw new InputError(
        `${this.#source.file}: IsTruncated is true, so a part of the account is missing; export it without --no-paginate and --max-items`,
      );
    }
  }

  #readMembers(cursor: JsonCursor): void {
    for (const { key, index, slice } of memberParts(cursor)) {
      this.#seen.add(key);
      if (!slice) continue;
      if (index !== undefined) this.#readEntry(key, index, slice);
      else {
        const { isPlain, value } = readElement(slice, AROUND_MEMBERS);
        this.#rest.push([key, isPlain ? asJsonValue(value) : value]);
      }
    }
  }

  #readEntry(list: string, index: number, slice: JsonSlice): void {
    const element = readElement(slice, AROUND_ENTRIES);
    const { file } = this.#source;
    const root = `${list}[${String(index)}]`;
    const place = placeOf(slice, AROUND_ENTRIES, element.isPlain);
    // Of two entries with one name one would be lost without a word.
    const once = (name: string, isNew: boolean): void => {
      if (!isNew) throw new InputError(`${file}: ${root}: ${JSON.stringify(name)} stands there twice`);
    };
    switch (list) {
      case 'RoleDetailList': {
        const role = checkElement(roleSchema, element, file, root, DOCUMENTS);
        const inline = this.#inline(role.RolePolicyList, 'RolePolicyList', place);
        once(role.Arn, this.index.addRole({ ...entityRecord(role), inline }));
        return;
      }
      case 'UserDetailList': {
        const user = checkElement(userSchema, element, file, root, DOCUMENTS);
        const inline = this.#inline(user.UserPolicyList, 'UserPolicyList', place);
        once(
          user.Arn,
          this.index.addUser({ ...entityRecord(user), inline, groups: user.GroupList.map(own) }),
        );
        return;
      }
      case 'GroupDetailList': {
        const group = checkElement(groupSchema, element, file, root, DOCUMENTS);
        const inline = this.#inline(group.GroupPolicyList, 'GroupPolicyList', place, true);
        const record = {
          name: own(group.GroupName),
          arn: group.Arn === undefined ? undefined : own(group.Arn),
          inline,
          attached: attachedRecords(group),
        };
        once(group.GroupName, this.index.addGroup(record));
        return;
      }
      case 'Policies': {
        const policy = checkElement(policySchema, element, file, root, DOCUMENTS);
        once(policy.Arn, this.index.addPolicy(this.#policyRecord(policy, place)));
        return;
      }
      default:
        // Nobody needs it; it has to be free of faults all the same.
        checkElement(z.unknown(), element, file, root, DOCUMENTS);
    }
  }

  #inline(
    policies: readonly InlineShape[],
    list: string,
    place: ElementPlace,
    isShared = false,
  ): readonly InlineRecord[] {
    return policies.map(({ PolicyName }, index) => {
      const path = [list, index, 'PolicyDocument'];
      const read = isShared ? this.#documents.keptReader(place, path) : this.#documents.reader(place, path);
      return { name: own(PolicyName), read };
    });
  }

  #policyRecord(policy: PolicyShape, place: ElementPlace): ManagedPolicyRecord {
    const versions = policy.PolicyVersionList;
    const version = versions.findIndex(({ VersionId }) => VersionId === policy.DefaultVersionId);
    const problem = `the export lacks the document of its default version ${policy.DefaultVersionId}`;
    return {
      arn: own(policy.Arn),
      path: own(policy.Path),
      versionId: own(policy.DefaultVersionId),
      versions: versions.map(({ VersionId }) => own(VersionId)).toReversed(),
      attachments: policy.AttachmentCount,
      boundaryUses: policy.PermissionsBoundaryUsageCount,
      read:
        versions[version]?.Document === undefined
          ? () => ({ readable: false, text: '', problem })
          : this.#documents.keptReader(place, ['PolicyVersionList', version, 'Document']),
    };
  }
}

function entityRecord(entity: EntityShape): Omit<RoleRecord, 'inline'> {
  const boundary = entity.PermissionsBoundary?.PermissionsBoundaryArn;
  return {
    arn: copyOf(entity.Arn),
    tags: entity.Tags.map(({ Key, Value }) => ({ key: own(Key), value: own(Value) })),
    boundaryArn: boundary === undefined ? undefined : own(boundary),
    attached: attachedRecords(entity),
  };
}

function attachedRecords({ AttachedManagedPolicies }: Pick<EntityShape, 'AttachedManagedPolicies'>) {
  return AttachedManagedPolicies.map(({ PolicyName, PolicyArn }) => ({
    name: own(PolicyName),
    arn: own(PolicyArn),
  }));
}
