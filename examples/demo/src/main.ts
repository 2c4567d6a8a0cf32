// What `npm start` runs: a server, an app with an extension point, a customer's plugin built and pushed, and the shop's call to it.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isPlugbayError, messageOf, PlugbayError } from '@plugbay/core';
import { type RunningServer, startServer } from '@plugbay/server';
import { buildPlugin, PLUGIN_FILE, SCHEMA_FILE } from 'discount-plugin';
import { type CheckoutReport, checkOut } from './checkout.ts';
import { RegistryApi } from './registry-api.ts';
import { readSettings } from './settings.ts';
import { stopSignal } from './stop-signals.ts';

async function main(): Promise<void> {
  const { dataDir, port, once } = readSettings(process.argv.slice(2), process.env);
  const stop = stopSignal();
  const server = await startServer({ dataDir, port });
  try {
    console.log(`Plugbay is listening on ${server.url}`);
    await demonstrate(server);
    if (once) return;
    console.log('\nCtrl-C stops it.');
    await stop;
  } finally {
    await server.close();
  }
}

async function demonstrate(server: RunningServer): Promise<void> {
  const token = await readToken(server.operator.tokenFile);
  const registry = new RegistryApi(server.url, token);
  const app = await registry.app('demo-shop');
  const schema = await readFile(SCHEMA_FILE, 'utf8');
  const point = await registry.extensionPoint(app, 'Checkout', schema);
  if (point.schemaYaml !== schema) {
    console.log(
      'schema.yaml has changed since Checkout was made; a new PLUGBAY_DATA folder starts with the new one.',
    );
  }
  if (await buildPlugin()) console.log("Built acme's plugin from examples/discount-plugin");
  const { version } = await registry.push(point, 'discount', await readFile(PLUGIN_FILE));
  await registry.bind(point, 'acme', 'discount', version.contentAddress);
  print(await checkOut(server.url, token, app.id, join(server.dataDir, 'cache')), server, app.id);
}

function print(report: CheckoutReport, server: RunningServer, appId: string): void {
  console.log(`
The shop called acme's plugin: Checkout.discount('acme', cart)
  cart    ${JSON.stringify(report.cart)}
  answer  ${JSON.stringify(report.discount)}
  took    ${report.firstMs.toFixed(1)} ms with fetching and compiling it, ${report.nextMs.toFixed(3)} ms once it is open

  URL     ${server.url}
  app     ${appId}
  token   ${server.operator.tokenFile}
  data    ${server.dataDir}`);
}

async function readToken(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new PlugbayError('not_found', `the operator's token cannot be read: ${messageOf(cause)}`, {
      cause,
      hint: 'Make a new one: node packages/plugbay/dist/main.js token',
    });
  });
  return text.trim();
}

main().catch((error: unknown) => {
  console.error(`error: ${messageOf(error)}`);
  if (isPlugbayError(error) && error.hint !== undefined) console.error(`hint: ${error.hint}`);
  process.exitCode = 1;
});
