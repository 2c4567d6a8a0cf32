// The command's words and options. What a command does is loaded only when it runs.
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { collectConfig, collectDirectory, collectText, ENGINES, parseTimeout } from './run-options.ts';

const HIGHEST_PORT = 65_535;

/** The whole command line. */
export function createProgram(): Command {
  const program = new Command('plugbay')
    .description('A self-hosted plugin platform for TypeScript applications')
    .showHelpAfterError('Run with --help to see what is possible.');
  addServe(program);
  addToken(program);
  addInspect(program);
  addRun(program);
  return program;
}

function addServe(program: Command): void {
  program
    .command('serve')
    .description('run the registry until Ctrl-C')
    .addOption(dataOption())
    .addOption(
      new Option('--host <address>', 'address to listen on').env('PLUGBAY_HOST').default('127.0.0.1'),
    )
    .addOption(
      new Option('--port <number>', 'port to listen on, 0 for any that is free')
        .env('PLUGBAY_PORT')
        .default(7070)
        .argParser(parsePort),
    )
    .addOption(
      new Option('--public-url <url>', 'origin of invite links, such as https://plugins.example.com').env(
        'PLUGBAY_PUBLIC_URL',
      ),
    )
    .option('--json', 'print where things are as one line of JSON')
    .action(async (options) => (await import('./serve.ts')).serve(options));
}

function addToken(program: Command): void {
  program
    .command('token')
    .description('make a new operator token, for a registry that is not running')
    .addOption(dataOption())
    .option('--json', 'print where it is as one line of JSON')
    .action(async (options) => (await import('./token.ts')).token(options));
}

function dataOption(): Option {
  return new Option('--data <folder>', 'where its data is').env('PLUGBAY_DATA').default('.plugbay');
}

function addInspect(program: Command): void {
  program
    .command('inspect')
    .description('say what a wasm module is made of, without running it')
    .addArgument(new Argument('<file>', 'the module'))
    .option('--json', 'print JSON')
    .action(async (file: string, options) => (await import('./inspect.ts')).inspect(file, options));
}

function addRun(program: Command): void {
  program
    .command('run')
    .description('call a function of a plugin')
    .addArgument(new Argument('<file>', 'the plugin'))
    .addArgument(new Argument('<export>', 'the function'))
    .addOption(new Option('--input <text>', 'what the function gets').conflicts('stdin'))
    .option('--stdin', 'what the function gets is read from standard input')
    .addOption(
      new Option('--config <key=value>', 'what the plugin reads as its configuration; repeat it')
        .default({}, 'none')
        .argParser(collectConfig),
    )
    .option('--wasi', 'let it use WASI: time, random numbers, and standard output as lines of the log')
    .addOption(
      new Option(
        '--dir <host:guest[:ro]>',
        'a folder that it may use with WASI, and under which name; repeat it',
      )
        .default([], 'none')
        .argParser(collectDirectory),
    )
    .addOption(
      new Option('--allow-host <name>', 'a host, or a pattern, that it may send HTTP requests to; repeat it')
        .default([], 'none')
        .argParser(collectText),
    )
    .option('--timeout <ms>', 'end the call after so many milliseconds', parseTimeout)
    .addOption(
      new Option(
        '--engine <name>',
        'where it runs: on a thread, or inline, where it is metered for a timeout and nothing else ends it',
      )
        .choices(ENGINES)
        .default('worker'),
    )
    .option('--json', 'print the answer and what is known of the call as JSON')
    .action(async (file: string, name: string, options) =>
      (await import('./run.ts')).run(file, name, options),
    );
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= HIGHEST_PORT) return port;
  throw new InvalidArgumentError(`A port is a whole number from 0 to ${HIGHEST_PORT}.`);
}
