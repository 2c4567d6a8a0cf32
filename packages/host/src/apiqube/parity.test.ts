// The tests of ApiQube's own plugin package, by file and name, and what became of each here.
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

/** Ours begins with the name, in the file of that name; or why there is none. */
const UPSTREAM: Readonly<Record<string, Readonly<Record<string, `${string}.test.ts` | `none: ${string}`>>>> =
  {
    'registry_test.go': {
      RegisterAndLookup: 'registry.test.ts',
      RegisterNil: 'registry.test.ts',
      DuplicateName: 'registry.test.ts',
      DuplicateProtocol: 'registry.test.ts',
      Snapshot: 'registry.test.ts',
      EventSchema: 'registry.test.ts',
      Close: 'registry.test.ts',
      CloseAggregatesErrors: 'registry.test.ts',
      InitAll: 'registry.test.ts',
      InitAll_Error: 'registry.test.ts',
    },
    'loader_test.go': {
      EmptyDir: 'loader.test.ts',
      NoDir: 'loader.test.ts',
      NonexistentDir: 'loader.test.ts',
      NotADirectory: 'loader.test.ts',
      IgnoresNonWASMFiles: 'loader.test.ts',
      InvalidWASM: 'loader.test.ts',
      CacheReuse: 'loader.test.ts',
      CacheInvalidatedOnFileAdded: 'loader.test.ts',
      ValidWASMEntry: 'loader.test.ts',
      StampsEqual: 'loader.test.ts',
    },
    'wasm_test.go': {
      LoadAndInfo: 'example.test.ts',
      Init: 'example.test.ts',
      Validate: 'example.test.ts',
      Validate_MissingTarget: 'example.test.ts',
      LoadInvalidWASM: 'wasm-runtime.test.ts',
      Registry_WithRealWASM: 'example.test.ts',
    },
    'wasm_e2e_test.go': {
      Execute_HTTPRoundTrip: 'example.test.ts',
      Execute_HostError: 'example.test.ts',
    },
    'capabilities_test.go': {
      SupportedCapabilities: 'capability.test.ts',
      InstantiateHostModule:
        'none: there is no module of host functions to make twice; imports are settled for each plugin',
      Sinks_NilSafe:
        'none: there is no context with values in it; what is left out of the options has a default, of which tests say what it is',
      WithSinks_RoundTrip:
        'none: there is no context with values in it; that a sink gets the events of its own call is tested',
      SinksFrom_NoValue:
        'none: there is no context with values in it; that events go nowhere without a sink is tested',
      EmitEventLogic_Valid: 'event-sink.test.ts',
      EmitEventLogic_Empty: 'wasm-runtime.test.ts',
      EmitEventLogic_BadJSON: 'event-sink.test.ts',
      LogLevel_String: 'wasm-runtime.test.ts',
      LogSinkFunc: 'wasm-runtime.test.ts',
    },
    'http_test.go': {
      Success: 'http-request.test.ts',
      NetworkError: 'http-request.test.ts',
      BadJSON: 'http-request.test.ts',
      BadURL: 'http-request.test.ts',
      Headers: 'http-request.test.ts',
      NoFollowRedirects: 'http-request.test.ts',
      InjectedClient: 'http-request.test.ts',
    },
  };

describe('the tests of ApiQube’s own', () => {
  it('are 45', () => {
    expect(Object.values(UPSTREAM).flatMap((names) => Object.keys(names))).toHaveLength(45);
  });

  const rows = Object.entries(UPSTREAM).flatMap(([file, names]) =>
    Object.entries(names).map(([name, ours]) => [`${file} ${name}`, name, ours] as const),
  );
  it.each(rows.filter(([, , ours]) => ours.endsWith('.test.ts')))(
    'have %s among ours',
    async (_, name, ours) => {
      const text = await readFile(new URL(ours, import.meta.url), 'utf8');
      const titles = [...text.matchAll(/(?:\bit\(|^ {4,}\[)\s*'([^']*)'/gm)].map(([, title]) => title ?? '');
      expect(titles.filter((title) => new RegExp(`\\b${name}(?:[:,)]|$)`).test(title))).toHaveLength(1);
    },
  );
});
