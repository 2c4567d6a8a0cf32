// Pushing plugins: read, checked, kept, and only then in the registry.
import multipart from '@fastify/multipart';
import { type ArtifactRecord, PlugbayError, parseTypeId } from '@plugbay/core';
import type { ExtensionSchema } from '@plugbay/schema';
import type { FastifyInstance } from 'fastify';
import { pointOf } from '../access.ts';
import { principalOf } from '../auth.ts';
import { PUSHES_AT_ONCE, PUSHES_WAITING_MAX } from '../limits.ts';
import { parseSegmentName } from '../name.ts';
import { checkAnnouncedLength, readArtifact } from '../push/body.ts';
import { checkModule } from '../push/check-module.ts';
import { Turns } from '../push/turns.ts';
import type { Registry } from '../registry.ts';
import { addVersion } from '../store/artifacts.ts';
import type { Principal } from '../store/users.ts';

// What an XTP client calls itself in the place of the owner's id.
const MYSELF = '~';

interface Params {
  readonly ext: string;
  readonly owner: string;
  readonly name: string;
}

/** Adds `PUT /artifacts/{ext}/plugin/{owner}/{name}`: 201 for a new version, 200 when these bytes are one already. */
export function addArtifactRoutes(scope: FastifyInstance, { database, blobs, clock }: Registry): void {
  const turns = new Turns(PUSHES_AT_ONCE, PUSHES_WAITING_MAX);
  // The body stays unread until the push has its turn, so that those who wait cost no memory.
  scope.removeAllContentTypeParsers();
  void scope.register(multipart, { limits: FORM_LIMITS, throwFileSizeLimit: false });
  scope.addContentTypeParser(['application/wasm', 'application/octet-stream'], (_request, body, done) =>
    done(null, body),
  );

  scope.put<{ Params: Params }>('/artifacts/:ext/plugin/:owner/:name', async (request, reply) => {
    const principal = principalOf(request);
    const { point } = await pointOf(database, principal, request.params.ext);
    const ownerId = parseOwner(request.params.owner, principal);
    const key = {
      extensionPointId: point.id,
      ownerId,
      name: parseSegmentName('artifact', request.params.name),
    };
    const schema = JSON.parse(point.schema) as ExtensionSchema;
    checkAnnouncedLength(request);
    const { artifact, created } = await turns.run(async () => {
      const bytes = await readArtifact(request);
      await checkModule(bytes, schema);
      // The bytes first: a crash in between leaves content that nothing names, never a name without content.
      const address = await blobs.put(bytes);
      return await addVersion(database, clock, key, address);
    });
    const answer: ArtifactRecord = artifact;
    return reply.code(created ? 201 : 200).send(answer);
  });
}

// The size of files is bounded where they are read. 10 of the others: forms that tools make have a field or two beside the file.
const FORM_LIMITS = {
  fileSize: Number.POSITIVE_INFINITY,
  files: 1,
  fields: 10,
  fieldSize: 4 * 1024,
  parts: 11,
};

function parseOwner(owner: string, principal: Principal): string {
  if (owner === MYSELF) return principal.userId;
  if (parseTypeId('usr', owner) === principal.userId) return owner;
  throw new PlugbayError('denied', 'an artifact is pushed by its owner', {
    hint: `Use your own user id ${principal.userId}, or "${MYSELF}".`,
  });
}
