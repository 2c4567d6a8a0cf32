// The HTTP application: fastify with our limits, our errors and our routes.
import { PlugbayError, xidSource } from '@plugbay/core';
import Fastify, { type FastifyInstance } from 'fastify';
import { requireToken } from './auth.ts';
import { sendClientError } from './client-error.ts';
import { commonHeaders, sendError } from './error-handler.ts';
import {
  HEADERS_TIMEOUT_MS,
  JSON_MAX_BYTES,
  KEEP_ALIVE_MS,
  PARAMETER_MAX_CHARACTERS,
  REQUEST_TIMEOUT_MS,
} from './limits.ts';
import type { Registry } from './registry.ts';
import { addAcceptInviteRoutes } from './routes/accept-invite.ts';
import { addAppRoutes } from './routes/apps.ts';
import { addArtifactRoutes } from './routes/artifacts.ts';
import { addBindingRoutes } from './routes/bindings.ts';
import { addContentRoutes } from './routes/content.ts';
import { addExtensionPointRoutes } from './routes/extension-points.ts';
import { addGuestRoutes } from './routes/guests.ts';
import { addHealthRoutes } from './routes/health.ts';
import { addTokenRoutes } from './routes/tokens.ts';

/** The application, and how to tell it that the end is near. */
export interface App {
  readonly fastify: FastifyInstance;
  /** From now on new requests are refused, and connections end with the answer that they wait for. */
  drain(): void;
}

/** Builds the application over an open registry; it does not listen yet. `publicUrl`: the origin of links to it, when set. */
export function createApp(registry: Registry, publicUrl?: string): App {
  const newRequestId = xidSource(registry.clock);
  const fastify = Fastify({
    logger: false,
    genReqId: newRequestId,
    bodyLimit: JSON_MAX_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // A connection on which nothing moves is at an end when its request would be.
    connectionTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    http: { headersTimeout: HEADERS_TIMEOUT_MS },
    routerOptions: { maxParamLength: PARAMETER_MAX_CHARACTERS },
    // fastify's own answer while it closes is not a problem record; ours is below.
    return503OnClosing: false,
    // A name such as "__proto__" is as good as any; nothing here copies a body's keys onto an object.
    onProtoPoisoning: 'ignore',
    onConstructorPoisoning: 'ignore',
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
    frameworkErrors: (error, request, reply) => sendError(error, request, reply, registry),
    clientErrorHandler: (error, socket) => sendClientError(error, socket, newRequestId()),
  });
  // fastify would take it everywhere; no route here does.
  fastify.removeContentTypeParser('text/plain');
  const state = { draining: false };

  fastify.setErrorHandler((error, request, reply) => sendError(error, request, reply, registry));
  fastify.setNotFoundHandler(async (request) => {
    throw new PlugbayError('not_found', `there is no route ${request.method} ${pathOf(request.url)}`);
  });
  addHooks(fastify, state);
  addRoutes(fastify, registry, publicUrl);
  return {
    fastify,
    drain: () => {
      state.draining = true;
    },
  };
}

function addHooks(fastify: FastifyInstance, state: { readonly draining: boolean }): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.headers(commonHeaders(request));
    done(state.draining ? new PlugbayError('unavailable', 'the server is stopping') : undefined);
  });
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    if (state.draining) void reply.header('connection', 'close');
    done(null, payload);
  });
}

function addRoutes(fastify: FastifyInstance, registry: Registry, publicUrl: string | undefined): void {
  addHealthRoutes(fastify, registry);
  void fastify.register(async (scope) => addAcceptInviteRoutes(scope, registry));
  void fastify.register(
    async (api) => {
      requireToken(api, registry.database);
      addAppRoutes(api, registry);
      addExtensionPointRoutes(api, registry);
      addBindingRoutes(api, registry);
      addContentRoutes(api, registry);
      addGuestRoutes(api, registry, publicUrl);
      addTokenRoutes(api, registry);
      await api.register(async (scope) => addArtifactRoutes(scope, registry));
    },
    { prefix: '/api/v1' },
  );
}

// Without the query, which may hold a secret.
function pathOf(url: string): string {
  return url.split('?', 1)[0]?.slice(0, 200) ?? '';
}
