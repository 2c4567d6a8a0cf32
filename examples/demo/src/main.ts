// What `npm start` runs: a server, an app with an extension point, a customer's plugin built and pushed, and the shop's call to it.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isPlugbayError } from '@plugbay/core';
import { type RunningServer, startServer } from '@plugbay/server';
import { buildPlugin, PLUGIN_FILE, SCHEMA_FILE } from 'discount-plugin';
import { type CheckoutReport, checkOut } from './checkout.ts';
import { RegistryApi } from './registry-api.ts';

async function main(): Promise<void> {
  const stop = stopSignal();
  const server = await startServer({
    dataDir: process.env.PLUGBAY_DATA ?? '.plugbay',
    port: Number(process.env.PLUGBAY_PORT ?? 7070),
  });
  try {
    console.log(`Plugbay is listening on ${server.url}`);
    await demonstrate(server);
    if (process.argv.includes('--once')) return;
    console.log('\nCtrl-C stops it.');
    await stop;
  } finally {
    await server.close();
  }
}

async function demonstrate(server: RunningServer): Promise<void> {
  const token = (await readFile(server.operator.tokenFile, 'utf8')).trim();
  const registry = new RegistryApi(server.url, token);
  const app = await registry.app('demo-shop');
  const point = await registry.extensionPoint(app, 'Checkout', await readFile(SCHEMA_FILE, 'utf8'));
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

async function stopSignal(): Promise<void> {
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
}

main().catch((error: unknown) => {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  if (isPlugbayError(error) && error.hint !== undefined) console.error(`hint: ${error.hint}`);
  process.exitCode = 1;
});
