/**
 * Folds case the way IAM compares service prefixes and action names: ASCII letters only.
 *
 * `toLowerCase` alone would also fold letters outside ASCII (the Kelvin sign becomes `k`), which would make
 * two different texts equal.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
 */
export function foldCase(text: string): string {
  return ASCII.test(text) ? text.toLowerCase() : text.replace(/[A-Z]+/g, (run) => run.toLowerCase());
}

const ASCII = /^[\x00-\x7f]*$/;
