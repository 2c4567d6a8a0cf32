// The call that everything is for: a shop asks a customer's plugin for a discount.
import { createClient } from '@plugbay/client';
import type { HostFunctionContext } from '@plugbay/core';

/** Money is in cents. */
interface Cart {
  readonly customer: string;
  readonly items: readonly { readonly sku: string; readonly quantity: number; readonly unitPrice: number }[];
}

/** What the plugin answers. */
interface Discount {
  readonly amount: number;
  readonly reason: string;
}

interface Points {
  Checkout: { discount(cart: Cart): Discount };
}

/** What the demo prints of its calls; times are in milliseconds. */
export interface CheckoutReport {
  readonly cart: Cart;
  readonly discount: Discount | null;
  /** The first call: it fetches and compiles the plugin. */
  readonly firstMs: number;
  /** The median of the next ones. */
  readonly nextMs: number;
}

const CART: Cart = {
  customer: 'ada',
  items: [
    { sku: 'tea-1kg', quantity: 2, unitPrice: 4_200 },
    { sku: 'kettle', quantity: 1, unitPrice: 8_900 },
  ],
};

// 200: enough for the machine to warm up, and no wait for the reader.
const NEXT_CALLS = 200;

/** Calls the plugin that guest `acme` put into `Checkout`. */
export async function checkOut(
  url: string,
  token: string,
  appId: string,
  cacheDir: string,
): Promise<CheckoutReport> {
  const client = await createClient<Points>({
    baseUrl: url,
    token,
    appId,
    cacheDir,
    config: { minimumTotal: '15000' },
    functions: { 'extism:host/user': { customerTier } },
  });
  try {
    const call = (): Promise<Discount | null> => client.extensionPoints.Checkout.discount('acme', CART);
    const [discount, firstMs] = await timed(call);
    const times: number[] = [];
    for (let i = 0; i < NEXT_CALLS; i++) times.push((await timed(call))[1]);
    times.sort((a, b) => a - b);
    return { cart: CART, discount, firstMs, nextMs: times[NEXT_CALLS / 2] ?? firstMs };
  } finally {
    await client.close();
  }
}

async function timed<T>(action: () => Promise<T>): Promise<[answer: T, milliseconds: number]> {
  const started = performance.now();
  const answer = await action();
  return [answer, performance.now() - started];
}

function customerTier(context: HostFunctionContext, customer: number | bigint): bigint {
  const name = context.text(BigInt(customer));
  return context.store(name === 'ada' ? 'gold' : 'basic');
}
