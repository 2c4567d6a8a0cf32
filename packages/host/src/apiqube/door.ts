// The door of one protocol plugin: events for everybody, HTTP for plugins that declare it and were granted it.
import { Router } from '@plugbay/callbacks';
import type { HostCall, HostDoor, Logger } from '@plugbay/core';
import { ExecutionEvents } from './event-sink.ts';
import { answerHttpRequest, type HttpAnswering, refuseHttpRequest } from './http-request.ts';

/** The namespace and the operations by which the ApiQube ABI asks; payloads and answers are its JSON. */
const HOST_CALLS = { namespace: 'apiqube', http: 'http_request', event: 'emit_event' } as const;

const NOTHING = new Uint8Array(0);

/** Whose door it is. */
export interface DoorOwner {
  readonly tenant: string;
  /** The name it is loaded under. */
  readonly plugin: string;
  readonly logger: Logger;
  /** Answers its requests; undefined when it is not granted HTTP. */
  readonly http: HttpAnswering | undefined;
  /** Whether it declares that it needs HTTP; false as long as nobody knows. */
  readonly declaresHttp: () => boolean;
}

/** A door; the `context` of calls is an {@link ExecutionEvents}. */
export function pluginDoor(owner: DoorOwner): HostDoor {
  const { tenant, plugin, http, logger, declaresHttp } = owner;
  const { namespace } = HOST_CALLS;
  const router = new Router();
  router.register({
    namespace,
    operation: HOST_CALLS.event,
    mode: 'sync',
    answer: ({ context, payload }) => {
      // Outside of a call of ours, which is while it starts, there is nobody to hear.
      if (context instanceof ExecutionEvents) context.emitted(payload);
      return NOTHING;
    },
  });
  let warned = false;
  const granted: string[] = [HOST_CALLS.event];
  if (http !== undefined) {
    granted.push(HOST_CALLS.http);
    router.register({
      namespace,
      operation: HOST_CALLS.http,
      mode: 'async',
      answer: async (call: HostCall) => {
        if (declaresHttp()) return answerHttpRequest(call, http);
        if (!warned)
          logger.warn({ plugin }, 'it asks for HTTP, which it does not declare among its capabilities');
        warned = true;
        return refuseHttpRequest(
          'the capability http is not granted, because the plugin does not declare it',
        );
      },
    });
  }
  return router.door({ tenant, plugin }, [{ capability: namespace, operations: granted }]);
}
