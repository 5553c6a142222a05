import type { Plan } from '../../../lambda/core/plan/schema.ts';

/** The plan of proposals whose plan nobody looks at. */
export const EMPTY_PLAN: Plan = {
  checks: [],
  apply: [],
  rollback: [],
  documents: [],
  irreversible: null,
  freeFirst: [],
  afterwards: [],
};
