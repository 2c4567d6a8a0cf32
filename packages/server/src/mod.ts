// The public surface of @plugbay/server.
export type { Operator } from './operator.ts';
export { createOperatorToken, type OperatorToken } from './operator-token.ts';
export { type RunningServer, type ServerOptions, startServer } from './start.ts';
