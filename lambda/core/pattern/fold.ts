/**
 * Folds case the way IAM compares service prefixes and action names: ASCII letters only.
 *
 * `toLowerCase` alone would also fold letters outside ASCII (the Kelvin sign becomes `k`), which would make
 * two different texts equal.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
 */
export function foldCase(text: string): string {
  // A loop, because it is asked of every pattern and every name, and a regular expression costs several times as much.
  for (let i = 0; i < text.length; i += 1) {
    if (text.charCodeAt(i) > 127) return text.replace(/[A-Z]+/g, (run) => run.toLowerCase());
  }
  return text.toLowerCase();
}
