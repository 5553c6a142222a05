import { ConfigError, parseConfig, type RefinerConfig } from './config.ts';
import type { Node } from 'constructs';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/**
 * Reads the configuration from the CDK context: `-c email=you@example.org` for single options, `-c
 * config=options.json` for a file of options. The command line takes precedence over the file.
 * @throws ConfigError if the file cannot be read, or an option is wrong, unknown or contradicts another
 */
export function readConfig(node: Pick<Node, 'getAllContext'>): RefinerConfig {
  const { config, ...options } = ownContext(node);
  return parseConfig({ ...(config === undefined ? {} : readOptionsFile(config)), ...options });
}

/**
 * The context of this app. The CDK's own keys all contain a colon, a slash or an at sign (`@aws-cdk/core:…`,
 * `aws:cdk:…`). Any other key is an option, or a typing error that must not go unnoticed.
 */
function ownContext(node: Pick<Node, 'getAllContext'>): Record<string, unknown> {
  const all: unknown = node.getAllContext();
  const entries = typeof all === 'object' && all !== null ? Object.entries(all) : [];
  return Object.fromEntries(entries.filter(([name]) => !/[@:/]/.test(name)));
}

function readOptionsFile(path: unknown): Record<string, unknown> {
  if (typeof path !== 'string' || path === '') {
    throw new ConfigError(
      `option config is ${JSON.stringify(path)}; give the path of a JSON file with options`,
    );
  }
  let text: string;
  try {
    text = readFileSync(resolve(path), 'utf8');
  } catch (error) {
    throw new ConfigError(`options file ${path} cannot be read; give the path of a JSON file`, {
      cause: error,
    });
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`options file ${path} is not JSON (${detail}); correct it there`, { cause: error });
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new ConfigError(`options file ${path} holds no JSON object; write {"email": ["you@example.org"]}`);
  }
  return { ...content };
}
