// Where an invited guest becomes a user: a page that asks, and one that shows the token once.
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { html, sendPage } from '../html.ts';
import { FORM_MAX_BYTES } from '../limits.ts';
import type { Registry } from '../registry.ts';
import { acceptInvitation, findInvitation } from '../store/guests.ts';

const WithCode = Type.Object({ code: Type.String() });

/** Adds `GET /accept-invite?code=…`, which changes nothing (mail scanners follow links), and `POST /accept-invite`. */
export function addAcceptInviteRoutes(scope: FastifyInstance, { database, clock }: Registry): void {
  scope.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: FORM_MAX_BYTES },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(body.toString()))),
  );

  scope.get<{ Querystring: Static<typeof WithCode> }>(
    '/accept-invite',
    { schema: { querystring: WithCode } },
    async (request, reply) => {
      const { code } = request.query;
      const { appName, guestKey } = await findInvitation(database, clock, code);
      const body = html`<h1>Join ${appName}</h1>
<p>You were invited to bring plugins to <strong>${appName}</strong> as <strong>${guestKey}</strong>.</p>
<form method="post" action="/accept-invite"><input type="hidden" name="code" value="${code}"><button>Accept</button></form>`;
      return sendPage(reply, `Join ${appName}`, body);
    },
  );

  scope.post<{ Body: Static<typeof WithCode> }>(
    '/accept-invite',
    { schema: { body: WithCode } },
    async (request, reply) => {
      const { invitation, token } = await acceptInvitation(database, clock, request.body.code);
      const body = html`<h1>Welcome to ${invitation.appName}</h1>
<p>This is your token. Keep it now: it is shown only this once.</p>
<p><code>${token}</code></p>`;
      return sendPage(reply, `Welcome to ${invitation.appName}`, body);
    },
  );
}
