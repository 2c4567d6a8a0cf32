import { expect, it } from 'vitest';
import { parsePublicUrl } from './public-url.ts';
import { startServer } from './start.ts';

it.each([
  ['https://plugins.example.com', 'https://plugins.example.com'],
  ['http://localhost:8080/', 'http://localhost:8080'],
  ['HTTPS://Plugins.Example.com:443', 'https://plugins.example.com'],
])('takes %s as a public URL', (text, origin) => {
  expect(parsePublicUrl(text)).toBe(origin);
});

it.each([
  '',
  'plugins.example.com',
  'ftp://x',
  'https://x/below',
  'https://x/?a',
  'https://x/#a',
  'https://a:b@x',
])('refuses %j as a public URL', async (text) => {
  const options = { dataDir: '/dev/null/never', publicUrl: text };
  await expect(startServer(options)).rejects.toMatchObject({
    code: 'invalid',
    message: `the public URL ${JSON.stringify(text)} is not an http or https origin`,
    hint: 'Give a scheme, a host and perhaps a port, such as https://plugins.example.com, with --public-url or PLUGBAY_PUBLIC_URL.',
  });
});
