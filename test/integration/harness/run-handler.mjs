// Plays Lambda's part for one bundle: imports it, then answers one event after the other over IPC. It knows nothing of the
// tests; its environment is the deployed function's.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, handlerName, functionArn] = process.argv.slice(2);
const [file, name] = handlerName.split('.');

const start = performance.now();
const handler = (await load())[name];
if (typeof handler !== 'function') throw new Error(`${folder} exports no function ${name}`);
process.send({ type: 'ready', initMillis: performance.now() - start });

// The parent may die in any way; the channel closes then.
process.on('disconnect', () => process.exit(0));
process.on('message', ({ id, event, timeoutMillis, lineage }) => {
  void answer(id, event, timeoutMillis, lineage);
});

async function load() {
  for (const extension of ['.mjs', '.js', '.cjs']) {
    try {
      return await import(pathToFileURL(join(folder, file + extension)).href);
    } catch (error) {
      if (error.code !== 'ERR_MODULE_NOT_FOUND' || !error.message.includes(file + extension)) throw error;
    }
  }
  throw new Error(`${folder} has no module ${file}`);
}

async function answer(id, event, timeoutMillis, lineage) {
  const deadline = Date.now() + timeoutMillis;
  const context = {
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: functionArn,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    awsRequestId: `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
  process.env._X_AMZN_TRACE_ID = `Root=1-5e1b4151-${String(id).padStart(24, '0')};Parent=53995c3f42cd8ad8;Sampled=0${lineage === undefined ? '' : `;Lineage=${lineage}`}`;
  let outcome;
  try {
    outcome = { ok: true, value: (await handler(event, context)) ?? null };
  } catch (error) {
    outcome = { ok: false, error: { name: String(error?.name), message: String(error?.message ?? error) } };
  }
  process.send({
    type: 'answer',
    id,
    ...outcome,
    rssBytes: process.memoryUsage.rss(),
    cpuSeconds: cpuSeconds(),
  });
}

/** Processor time of this process so far: what else the machine does counts less than it does on the clock. */
function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
