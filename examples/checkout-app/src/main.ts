// A shop of your own: it asks the customer's plugin for a discount, and goes on without one when there is none.
// Beside `npm start`: PLUGBAY_APP=<the app it printed> PLUGBAY_TOKEN=$(cat .plugbay/token) node examples/checkout-app/dist/main.js acme
import { createClient } from '@plugbay/client';

interface Cart {
  customer: string;
  items: { sku: string; quantity: number; unitPrice: number }[];
}

interface Discount {
  amount: number;
  reason: string;
}

const tiers = new Map([['ada', 'gold']]);

const client = await createClient<{ Checkout: { discount(cart: Cart): Discount } }>({
  baseUrl: process.env.PLUGBAY_URL ?? 'http://127.0.0.1:7070',
  appId: process.env.PLUGBAY_APP ?? '',
  token: process.env.PLUGBAY_TOKEN ?? '',
  cacheDir: '.plugbay/shop-cache',
  functions: {
    'extism:host/user': {
      customerTier: (context, customer) =>
        context.store(tiers.get(context.text(BigInt(customer)) ?? '') ?? 'basic'),
    },
  },
});

const cart: Cart = { customer: 'ada', items: [{ sku: 'tea-1kg', quantity: 3, unitPrice: 4_200 }] };
const guest = process.argv[2] ?? 'acme';
const discount = await client.extensionPoints.Checkout.discount(guest, cart, {
  default: { amount: 0, reason: 'no plugin' },
});

const total = cart.items.reduce((sum, item) => sum + item.quantity * item.unitPrice, 0);
console.log(`${(total / 100).toFixed(2)} - ${(discount.amount / 100).toFixed(2)} (${discount.reason})`);
await client.close();
