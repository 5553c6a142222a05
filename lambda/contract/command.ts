/**
 * How documents, reports and messages print the command line, in a clone of this project. Without `--no-install`, and
 * anywhere else, `npx` would run whatever somebody publishes under this name, `apply` with an administrator's credentials
 * among it.
 * Source: https://docs.npmjs.com/cli/v11/commands/npx
 */
export const COMMAND = 'npx --no-install unused-access-refiner';
