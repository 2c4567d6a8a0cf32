// The call that everything is for: a shop asks a customer's plugin for a discount.
import { createClient } from '@plugbay/client';
import type { HostFunctionContext } from '@plugbay/core';

/** Money is in cents. */
export interface Cart {
  readonly customer: string;
  readonly items: readonly { readonly sku: string; readonly quantity: number; readonly unitPrice: number }[];
}

/** What the plugin answers. */
export interface Discount {
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
  readonly firstMs: number;
  readonly nextMs: number;
}

const CART: Cart = {
  customer: 'ada',
  items: [
    { sku: 'tea-1kg', quantity: 2, unitPrice: 4_200 },
    { sku: 'kettle', quantity: 1, unitPrice: 8_900 },
  ],
};

/** Calls the plugin that guest `acme` put into `Checkout`, twice: the first call fetches and compiles it. */
export async function checkOut(url: string, token: string, appId: string, cacheDir: string): Promise<CheckoutReport> {
  const client = await createClient<Points>({
    baseUrl: url,
    token,
    appId,
    cacheDir,
    config: { minimumTotal: '15000' },
    functions: { 'extism:host/user': { customerTier } },
  });
  try {
    const started = performance.now();
    const discount = await client.extensionPoints.Checkout.discount('acme', CART);
    const answered = performance.now();
    await client.extensionPoints.Checkout.discount('acme', CART);
    return { cart: CART, discount, firstMs: answered - started, nextMs: performance.now() - answered };
  } finally {
    await client.close();
  }
}

function customerTier(context: HostFunctionContext, customer: number | bigint): bigint {
  const name = context.text(BigInt(customer));
  return context.store(name === 'ada' ? 'gold' : 'basic');
}
