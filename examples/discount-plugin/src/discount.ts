// A customer's discount rule, written as a plugin: it reads a cart and answers with a discount. Money is in cents.
import { Config, Host, LogLevel, Memory, Var } from '@extism/as-pdk';
import { error_set, length } from '@extism/as-pdk/lib/env';
import { JSON } from 'json-as';

@json
class Item {
  sku: string = '';
  quantity: i32 = 0;
  unitPrice: i32 = 0;
}

@json
class Cart {
  customer: string = '';
  items: Item[] = [];
}

@json
class Discount {
  amount: i32 = 0;
  reason: string = '';
}

// What the shop lends its plugins: the tier of a customer.
@external('extism:host/user', 'customerTier')
declare function customerTier(customer: u64): u64;

export function discount(): i32 {
  const cart = JSON.parse<Cart>(Host.inputString());
  if (cart.items.length == 0) return fail('the cart is empty');

  let total = 0;
  for (let i = 0; i < cart.items.length; i++) total += cart.items[i].quantity * cart.items[i].unitPrice;

  const tier = read(customerTier(Memory.allocateString(cart.customer).offset));
  const percent = tier == 'gold' ? 15 : total >= minimumTotal() ? 10 : 0;
  const answer = new Discount();
  answer.amount = (total * percent) / 100;
  answer.reason = percent == 0 ? 'no discount' : percent.toString() + ' % for ' + tier + ' customers';

  Host.log(LogLevel.Info, 'cart ' + countCarts().toString() + ': ' + answer.reason);
  Host.output(Uint8Array.wrap(String.UTF8.encode(JSON.stringify(answer))));
  return 0;
}

// From which total on everybody gets a discount: the app's configuration.
function minimumTotal(): i32 {
  const configured = Config.get('minimumTotal');
  return configured === null ? 10_000 : i32.parse(configured);
}

// How many carts this plugin has seen: variables outlive a call.
function countCarts(): i32 {
  const seen = Var.getString('carts');
  const count = seen === null ? 1 : i32.parse(seen) + 1;
  Var.set('carts', Uint8Array.wrap(String.UTF8.encode(count.toString())));
  return count;
}

function read(offset: u64): string {
  return new Memory(offset, length(offset)).toString();
}

function fail(message: string): i32 {
  error_set(Memory.allocateString(message).offset);
  return 1;
}

function abort(message: string | null, _file: string | null, _line: u32, _column: u32): void {
  error_set(Memory.allocateString(message === null ? 'aborted' : message).offset);
  unreachable();
}
