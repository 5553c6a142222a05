/** Attribute of a findings message that says how often it was put off because its account was throttled. */
export const WAITS_ATTRIBUTE = 'waits';
