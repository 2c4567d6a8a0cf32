// Does one kind of work very often and prints what the process holds more than before, as JSON. A child of the test of flat memory.
import { growth } from './measure.ts';
import { WORKS, type WorkName } from './works.ts';

const [name] = process.argv.slice(2) as [WorkName];
// A timer of our own keeps the process alive: those of plugins do not.
const alive = setInterval(() => undefined, 1_000);
const { warm, often, prepare } = WORKS[name];
const work = await prepare();
process.stdout.write(
  JSON.stringify(
    await growth(
      () => work(warm),
      () => work(often),
    ),
  ),
);
clearInterval(alive);
