// Small pages for people: one file each, no script, nothing loaded from anywhere.
import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';

const STYLE =
  'body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:10vh auto;padding:0 1rem}code{overflow-wrap:anywhere}';
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');
const POLICY = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;

/** Markup that may go into a page as it is. */
export interface Html {
  readonly markup: string;
}

/** A template whose values are escaped. */
export function html(parts: TemplateStringsArray, ...values: readonly string[]): Html {
  return { markup: String.raw({ raw: parts }, ...values.map(escapeHtml)) };
}

/** Sends a page; it is not stored, framed or left with its address in a referrer. */
export function sendPage(reply: FastifyReply, title: string, body: Html): FastifyReply {
  void reply.header('content-security-policy', POLICY).header('referrer-policy', 'no-referrer');
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title>`;
  const page = `<!doctype html><html lang="en"><head>${head}<style>${STYLE}</style></head><body>${body.markup}</body></html>`;
  return reply.type('text/html; charset=utf-8').send(page);
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
