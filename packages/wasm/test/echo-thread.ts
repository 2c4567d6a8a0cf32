// A thread with an exchange on another one's memory: it answers each block that it is told of with a block of one character more.
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { Limits } from '@plugbay/core';
import { Exchange } from '../src/abi/extism/exchange.ts';
import { kernelOn } from './kernel.ts';

const { memory, limits, port } = workerData as {
  memory: WebAssembly.Memory;
  limits: Limits;
  port: MessagePort;
};
const exchange = new Exchange(limits, { memory });
exchange.bind(kernelOn(memory));
port.on('message', (block: number) => port.postMessage(exchange.store(`${exchange.text(BigInt(block))}!`)));
parentPort?.postMessage('ready');
