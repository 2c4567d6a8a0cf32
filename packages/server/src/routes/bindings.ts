// Bindings of a guest at an extension point. The guest key is the rest of the path, because clients send its "/" as they are.
import { type BindingsRecord, parseContentAddress, parseGuestKey, parseTypeId } from '@plugbay/core';
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { pointOf, requireGuestAccess } from '../access.ts';
import { principalOf } from '../auth.ts';
import { BindingsCache } from '../bindings-cache.ts';
import { CACHED_BINDING_SETS } from '../limits.ts';
import { parseSegmentName } from '../name.ts';
import type { Registry } from '../registry.ts';
import { membership as membershipIn, unknown } from '../store/apps.ts';
import { bind } from '../store/bind.ts';
import { prepareSetLookup, readBindings, removeBinding, requireInvited } from '../store/bindings.ts';

const PATH = '/extension-points/:ext/bindings/*';

// Clients send whole bindings back; the id and the time in them are the server's to decide.
const Wanted = Type.Object({ contentAddress: Type.String() });
// Not a record: its pattern would let names with a line break past the check.
const WantedByName = Type.Object({}, { additionalProperties: Wanted });

interface Params {
  readonly ext: string;
  readonly '*': string;
}

/** Adds `GET` and `PUT /extension-points/{ext}/bindings/{guestKey}`, and `DELETE …/{guestKey}/{name}`. */
export function addBindingRoutes(api: FastifyInstance, { database, clock }: Registry): void {
  const lookUp = prepareSetLookup(database);
  const answers = new BindingsCache(CACHED_BINDING_SETS);

  // Asked before every call of a plugin that is not resident. One small query says who asks and whether anything changed.
  api.get<{ Params: Params }>(PATH, async (request, reply) => {
    const set = {
      extensionPointId: parseTypeId('ext', request.params.ext),
      guestKey: parseGuestKey(request.params['*']),
    };
    const [state] = await lookUp({ ...set, userId: principalOf(request).userId });
    if (state === undefined) throw unknown('extension point', set.extensionPointId);
    requireGuestAccess(membershipIn(state), set.guestKey);
    if (state.changed_at === null) await requireInvited(database, state.app_id, set.guestKey);
    const changedAt = state.changed_at ?? 0;
    const answer = answers.get(set, changedAt) ?? JSON.stringify(await readBindings(database, set));
    answers.put(set, changedAt, answer);
    return reply.type('application/json; charset=utf-8').send(answer);
  });

  api.put<{ Params: Params; Body: Record<string, Static<typeof Wanted>> }>(
    PATH,
    { schema: { body: WantedByName } },
    async (request): Promise<BindingsRecord> => {
      const principal = principalOf(request);
      const { point, membership } = await pointOf(database, principal, request.params.ext);
      const set = { extensionPointId: point.id, guestKey: parseGuestKey(request.params['*']) };
      requireGuestAccess(membership, set.guestKey);
      const ownerId = membership.role === 'owner' ? undefined : principal.userId;
      await bind(database, clock, { set, ownerId, addresses: addressesOf(request.body) });
      return await readBindings(database, set);
    },
  );

  api.delete<{ Params: Params }>(PATH, async (request, reply) => {
    const { point, membership } = await pointOf(database, principalOf(request), request.params.ext);
    const tail = request.params['*'];
    const slash = tail.lastIndexOf('/');
    const guestKey = parseGuestKey(tail.slice(0, Math.max(slash, 0)));
    requireGuestAccess(membership, guestKey);
    const name = parseSegmentName('binding', tail.slice(slash + 1));
    await removeBinding(database, clock, { extensionPointId: point.id, guestKey }, name);
    return reply.code(204).send();
  });
}

function addressesOf(body: Readonly<Record<string, Static<typeof Wanted>>>): Map<string, string> {
  return new Map(
    Object.entries(body).map(([name, { contentAddress }]) => [
      parseSegmentName('binding', name),
      parseContentAddress(contentAddress),
    ]),
  );
}
