import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { embeddedCatalogue } from '../../lambda/adapters/catalogue/embedded.ts';
import type { BenchResult } from './engine.ts';
import { runMetered } from './metered.ts';

const DELAY = 50;

/**
 * Measures `catalogue update` against a local server that takes 50 ms for each answer and publishes the embedded
 * catalogue.
 */
export async function* run(): AsyncGenerator<BenchResult> {
  const { services } = embeddedCatalogue();
  const folder = mkdtempSync(path.join(tmpdir(), 'unused-access-refiner-refresh-'));
  let url = '';
  const server = createServer((request, response) => {
    void sleep(DELAY).then(() => {
      const name = /^\/v1\/([^/]+)\//.exec(request.url ?? '')?.[1];
      const service = name === undefined ? undefined : services.get(name);
      const etag = `"${String(service?.actions.length)}"`;
      if (service && request.headers['if-none-match'] === etag) {
        response.writeHead(304).end();
        return;
      }
      const body = service
        ? {
            Name: service.name,
            Actions: service.actions.map((action) => ({
              Name: action,
              ActionConditionKeys: ['aws:ResourceTag/${TagKey}'],
              Annotations: { Properties: { IsList: false, IsPermissionManagement: false, IsWrite: true } },
              Resources: [{ Name: 'resource' }],
              SupportedBy: {
                'IAM Access Analyzer Policy Generation': true,
                'IAM Action Last Accessed': true,
              },
            })),
          }
        : [...services.keys()].map((key) => ({ service: key, url: `${url}v1/${key}/${key}.json` }));
      response.setHeader('etag', etag).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`;
  try {
    const file = path.join(folder, 'catalogue.json');
    for (const what of ['all read', 'nothing new']) {
      const { seconds, mebibytes } = await runMetered(['catalogue', 'update', file, '--from', url]);
      yield {
        name: `catalogue of ${String(services.size)} services refreshed, ${what}, 50 ms an answer`,
        figures: { time: `${seconds.toFixed(1)} s`, memory: `${mebibytes.toFixed(0)} MiB` },
      };
    }
  } finally {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  }
}
