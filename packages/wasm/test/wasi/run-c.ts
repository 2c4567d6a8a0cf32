// Runs programs in C: under our WASI, and under Node's own as the oracle.
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WASI as NodeWasi } from 'node:wasi';
import type { WasiGrants } from '@plugbay/core';
import { compileC } from '@plugbay/testing';
import { isExit } from '../../src/wasi/exit.ts';
import type { WasiHost } from '../../src/wasi/host.ts';
import { planWasi } from '../../src/wasi/plan.ts';
import { Wasi } from '../../src/wasi/wasi.ts';

/** What came of running a program. */
export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

type Start = { _start(): void; memory: WebAssembly.Memory };

/** The module of `<name>.c` beside this file. */
export async function program(name: string): Promise<WebAssembly.Module> {
  const text = readFileSync(new URL(`${name}.c`, import.meta.url), 'utf8');
  return new WebAssembly.Module(
    await compileC({ name: `wasi-${name}`, sources: { [`${name}.c`]: text }, target: 'wasi' }),
  );
}

/** Runs a program with our WASI; what it writes is captured by line. */
export function runOurs(
  module: WebAssembly.Module,
  grants: WasiGrants,
  host: Partial<WasiHost> = {},
): Outcome {
  const lines = { stdout: [] as string[], stderr: [] as string[] };
  const wasi = new Wasi(planWasi(grants), { line: (stream, text) => void lines[stream].push(text), ...host });
  const wasi_snapshot_preview1 = wasi.imports('wasi_snapshot_preview1');
  const { exports } = new WebAssembly.Instance(module, { wasi_snapshot_preview1 });
  const { _start, memory } = exports as Start;
  wasi.bind(memory);
  try {
    _start();
  } catch (thrown) {
    if (!isExit(thrown)) throw thrown;
  } finally {
    wasi.endCall();
    wasi.close();
  }
  return {
    exitCode: wasi.exitCode ?? 0,
    stdout: lines.stdout.join('\n'),
    stderr: lines.stderr.join('\n'),
  };
}

/** Runs a program with Node's WASI, which is not safe: for programs of these tests only. */
export function runOracle(module: WebAssembly.Module, grants: WasiGrants): Outcome {
  const folder = mkdtempSync(join(tmpdir(), 'plugbay-wasi-oracle-'));
  const files = ['stdin', 'stdout', 'stderr'].map((name) => join(folder, name)) as [string, string, string];
  writeFileSync(files[0], grants.stdin ?? '');
  const [stdin, stdout, stderr] = [openSync(files[0], 'r'), openSync(files[1], 'w'), openSync(files[2], 'w')];
  try {
    const wasi = new NodeWasi({
      version: 'preview1',
      args: [...(grants.args ?? [])],
      env: { ...grants.env },
      preopens: Object.fromEntries((grants.directories ?? []).map(({ guest, host }) => [guest, host])),
      stdin,
      stdout,
      stderr,
      returnOnExit: true,
    });
    const instance = new WebAssembly.Instance(module, wasi.getImportObject() as never);
    const exitCode = Number(wasi.start(instance));
    const trimmed = (file: string): string => readFileSync(file, 'utf8').replace(/\n$/, '');
    return { exitCode, stdout: trimmed(files[1]), stderr: trimmed(files[2]) };
  } finally {
    for (const fd of [stdin, stdout, stderr]) closeSync(fd);
    rmSync(folder, { recursive: true });
  }
}
