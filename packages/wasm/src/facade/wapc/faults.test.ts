// The faults of the waPC project's own host: none of them is ours, and the day one is mended there these tests say it.
import { wapcPeer } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { FAULTS } from '../../../test/wapc/faults.ts';

it('there are thirteen known faults', () => {
  expect(FAULTS.map(({ number }) => number)).toEqual(Array.from({ length: 13 }, (_, index) => index + 1));
});

describe('our host', () => {
  for (const { number, title, ours } of FAULTS) it(`${number}. ${title}`, ours);
});

describe('the peer lacks that', () => {
  for (const { number, title, peer } of FAULTS) it(`${number}. ${title}`, async () => peer(await wapcPeer()));
});
