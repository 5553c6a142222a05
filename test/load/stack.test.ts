import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readStack } from './stack.ts';

/** A function as the template has it. */
function lambda(setting: object) {
  return {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Code: { S3Key: 'bundle.zip' },
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      Timeout: 60,
      MemorySize: 512,
      ...setting,
    },
  };
}

test('only functions that the template allows may invoke themselves forever', () => {
  const assembly = mkdtempSync(join(tmpdir(), 'model-stack-'));
  try {
    const write = (name: string, content: object): void => {
      writeFileSync(join(assembly, `UnusedAccessRefiner.${name}.json`), JSON.stringify(content));
    };
    write('template', {
      Resources: {
        Allowed: lambda({ RecursiveLoop: 'Allow' }),
        Stopped: lambda({ RecursiveLoop: 'Terminate' }),
        Silent: lambda({}),
      },
    });
    write('assets', { files: { bundle: { source: { path: 'asset.bundle' } } } });
    const { functions } = readStack(assembly, 'http://127.0.0.1:1');
    expect(functions.map(({ logicalId, mayLoop }) => [logicalId, mayLoop])).toEqual([
      ['Allowed', true],
      ['Stopped', false],
      ['Silent', false],
    ]);
  } finally {
    rmSync(assembly, { recursive: true, force: true });
  }
});
