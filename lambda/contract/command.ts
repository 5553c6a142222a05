/**
 * The command as documents, reports and messages print it, to be run in a clone of this project. Without
 * `--no-install`, or in another folder, `npx` would run whatever package somebody publishes under this name, even for
 * `apply` with an administrator's credentials.
 * Source: https://docs.npmjs.com/cli/v11/commands/npx
 */
export const COMMAND = 'npx --no-install unused-access-refiner';
