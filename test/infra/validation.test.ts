import { type App, Stack, Validations } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { describe, expect, test } from 'vitest';

import { addStacks, buildApp } from '../../lib/build-app.ts';
import { plainSynth } from '../../scripts/plain-synth.ts';
import { CONFIGURATIONS } from './configurations.ts';
import { ORGANISATION } from './synth.ts';

describe('cdk-nag and the library’s own validation', () => {
  test.each(CONFIGURATIONS)('find nothing in %s', (_, options) => {
    expect(plainSynth(options, buildApp, true).size).toBeGreaterThan(0);
  });

  test('fail the synthesis if there is a finding', () => {
    const careless = (app: App) => {
      buildApp(app);
      new s3.Bucket(new Stack(app, 'Careless'), 'Public');
    };
    expect(() => plainSynth({ email: 'you@example.org' }, careless)).toThrow(/AwsSolutions-S1/);
  });

  test('accept nothing without a reason', () => {
    const reasons: [string, string][] = [];
    plainSynth(ORGANISATION, (app) => {
      addStacks(app);
      for (const construct of app.node.findAll()) {
        for (const { data, type } of construct.node.metadata) {
          if (type !== Validations.ACKNOWLEDGED_RULES_METADATA_KEY) continue;
          // Trust boundary: the library keeps rule and reason as an untyped record.
          reasons.push(...Object.entries(data as Record<string, string>));
        }
      }
    });
    expect(reasons.length).toBeGreaterThan(20);
    expect(reasons.filter(([, reason]) => reason.length < 40)).toStrictEqual([]);
  });
});
