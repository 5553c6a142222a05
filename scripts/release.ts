import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { crc32, deflateRawSync } from 'node:zlib';
import { FUNCTION, type FunctionName } from '../lambda/contract/functions.ts';
import { MemberStack, USES_ANALYZER } from '../lib/stacks/member-stack.ts';
import { ReleaseStack } from '../lib/stacks/release-stack.ts';
import { buildFunctions } from './build.ts';
import { mergeTemplates } from './merge-templates.ts';
import { type CloudFormationTemplate, plainSynth } from './plain-synth.ts';

/** The files that `npm run release` writes beside the zips. */
export const RELEASE = {
  main: 'unused-access-refiner.template.json',
  member: 'member-role.template.json',
} as const;

/** Writes templates and zips that need no CDK into an empty folder. The same sources give the same bytes. */
export async function writeRelease(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const bundles = path.join('dist', 'functions');
  await buildFunctions(bundles);
  const zips = new Map<FunctionName, string>();
  for (const name of Object.values(FUNCTION)) {
    const zip = zipOf('index.mjs', await readFile(path.join(bundles, name, 'index.mjs')));
    // A new bundle has a new name, because CloudFormation updates a function only if the key of its code changes.
    const file = `${name}-${createHash('sha256').update(zip).digest('hex').slice(0, 16)}.zip`;
    await writeFile(path.join(folder, file), zip);
    zips.set(name, file);
  }
  // Trust boundary: the loop above set each name.
  const templates = releaseTemplates(Object.fromEntries(zips) as Record<FunctionName, string>);
  for (const [stack, file] of Object.entries(RELEASE)) {
    // Trust boundary: `Object.entries` forgets which keys an object has.
    const template = templates[stack as keyof typeof RELEASE];
    await writeFile(path.join(folder, file), `${JSON.stringify(template, null, 1)}\n`);
  }
}

/** Each template by the source of findings. */
export function templatesBySource(
  zips: Readonly<Record<FunctionName, string>>,
): Readonly<Record<keyof typeof RELEASE, readonly [CloudFormationTemplate, CloudFormationTemplate]>> {
  const templatesOf = (findingSource: 'access-analyzer' | 'last-accessed') => {
    const templates = plainSynth({}, (app) => {
      new ReleaseStack(app, 'main', { zips, findingSource });
      new MemberStack(app, 'member', { lastAccessed: false, findingSource, isReleased: true });
    });
    return (stack: keyof typeof RELEASE): CloudFormationTemplate => {
      const template = templates.get(stack);
      if (template) return template;
      throw new Error(`there is no stack ${stack}`);
    };
  };
  const byAnalyzer = templatesOf('access-analyzer');
  const byUse = templatesOf('last-accessed');
  return {
    main: [byAnalyzer('main'), byUse('main')],
    member: [byAnalyzer('member'), byUse('member')],
  };
}

/** Both templates, with the source of findings as a parameter. */
export function releaseTemplates(
  zips: Readonly<Record<FunctionName, string>>,
): Readonly<Record<keyof typeof RELEASE, CloudFormationTemplate>> {
  const { main, member } = templatesBySource(zips);
  return { main: mergeTemplates(USES_ANALYZER, ...main), member: mergeTemplates(USES_ANALYZER, ...member) };
}

/**
 * A zip with one file, dated at the earliest time that zips support, so that the same content gives the same bytes.
 * Source: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export function zipOf(name: string, content: Buffer): Buffer {
  const packed = deflateRawSync(content, { level: 9 });
  const sum = crc32(content);
  const fields = (into: Buffer, at: number): void => {
    into.writeUInt16LE(20, at);
    into.writeUInt16LE(8, at + 4);
    into.writeUInt16LE(0x21, at + 8);
    into.writeUInt32LE(sum, at + 10);
    into.writeUInt32LE(packed.length, at + 14);
    into.writeUInt32LE(content.length, at + 18);
    into.writeUInt16LE(Buffer.byteLength(name), at + 22);
  };
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  fields(local, 4);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  // "Made by Unix", so that the file mode is used: readable by everybody, as Lambda requires.
  central.writeUInt16LE(0x0314, 4);
  fields(central, 6);
  central.writeUInt32LE((0o100644 << 16) >>> 0, 38);
  const file = Buffer.from(name);
  const before = Buffer.concat([local, file, packed]);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length + file.length, 12);
  end.writeUInt32LE(before.length, 16);
  return Buffer.concat([before, central, file, end]);
}

// `npm run release`
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await writeRelease(path.join('build', 'release'));
