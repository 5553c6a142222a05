import { Tracer } from '@aws-lambda-powertools/tracer';
import { SERVICE_NAME } from '../contract/functions.ts';

export interface Tracing {
  /** Traces each call of the client. */
  client<C extends object>(client: C): C;
  /** Runs one invocation as a subsegment, with an annotation for cold starts. */
  invocation<T>(name: string, run: () => Promise<T>): Promise<T>;
}

/**
 * X-Ray through Powertools. Outside Lambda, and if tracing is switched off, it does nothing. Answers and errors are not
 * captured, because they may contain confidential data.
 */
export function makeTracing(): Tracing {
  // Only SDK clients make requests here, and each is captured.
  const tracer = new Tracer({ serviceName: SERVICE_NAME, captureHTTPsRequests: false });
  return {
    client: (client) => tracer.captureAWSv3Client(client),
    async invocation(name, run) {
      const parent = tracer.getSegment();
      if (!tracer.isTracingEnabled() || parent === undefined) return run();
      const segment = parent.addNewSubsegment(`## ${name}`);
      tracer.setSegment(segment);
      tracer.annotateColdStart();
      tracer.addServiceNameAnnotation();
      try {
        return await run();
      } catch (error) {
        segment.addFaultFlag();
        throw error;
      } finally {
        segment.close();
        tracer.setSegment(parent);
      }
    },
  };
}
