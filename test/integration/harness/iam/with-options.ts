import { addStacks } from '../../../../lib/build-app.ts';
import { plainSynth } from '../../../../scripts/plain-synth.ts';
import { OPTIONS, STACK } from '../names.ts';
import type { PolicyTemplate } from './deployed-policies.ts';

/** Both templates, as they are synthesised with more options than those that the tests deploy with. */
export function templatesWith(more: Readonly<Record<string, unknown>>): {
  readonly main: PolicyTemplate;
  readonly member: PolicyTemplate;
} {
  const templates = plainSynth({ ...OPTIONS, ...more }, addStacks);
  const [main, member] = [templates.get(STACK), templates.get(`Member-${STACK}`)];
  if (!main || !member)
    throw new Error(`there is no stack ${STACK} among ${[...templates.keys()].join(', ')}`);
  return { main, member };
}
