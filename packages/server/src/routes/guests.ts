// Inviting guests.
import { type InviteRecord, PlugbayError, parseGuestKey } from '@plugbay/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { membershipOf, requireOwner } from '../access.ts';
import { principalOf } from '../auth.ts';
import { EMAIL_MAX_CHARACTERS } from '../limits.ts';
import { parseName } from '../name.ts';
import type { Registry } from '../registry.ts';
import { invite } from '../store/guests.ts';

const NewGuest = Type.Object({
  guestKey: Type.String(),
  deliveryMethod: Type.Optional(Type.Union([Type.Literal('link'), Type.Literal('email')])),
  email: Type.Optional(Type.String({ minLength: 1, maxLength: EMAIL_MAX_CHARACTERS })),
  name: Type.Optional(Type.String()),
});

/** Adds `POST /apps/{app}/guests`, and the same at `…/guests/invite` for clients before rc10. Links are below `publicUrl`. */
export function addGuestRoutes(
  api: FastifyInstance,
  { database, clock }: Registry,
  publicUrl: string | undefined,
): void {
  for (const path of ['/apps/:app/guests', '/apps/:app/guests/invite']) {
    api.post<{ Body: Static<typeof NewGuest>; Params: { app: string } }>(
      path,
      { schema: { body: NewGuest } },
      async (request): Promise<InviteRecord> => {
        const membership = await membershipOf(database, principalOf(request), request.params.app);
        requireOwner(membership);
        const { deliveryMethod, email, name } = request.body;
        if (deliveryMethod === 'email') {
          throw new PlugbayError('unsupported', 'this server sends no e-mail', {
            hint: 'Invite with deliveryMethod "link" and send the link yourself.',
          });
        }
        const code = await invite(database, clock, {
          appId: membership.appId,
          guestKey: parseGuestKey(request.body.guestKey),
          email,
          name: name === undefined ? undefined : parseName('guest', name),
        });
        return { status: 'ok', link: `${publicUrl ?? originOf(request)}/accept-invite?code=${code}` };
      },
    );
  }
}

// The origin that the caller used: without a public URL, it is the one that they know to work from outside.
function originOf(request: FastifyRequest): string {
  const url = `${request.protocol}://${request.host}`;
  if (URL.canParse(url)) return new URL(url).origin;
  throw new PlugbayError('invalid', 'the host header is not a host name');
}
