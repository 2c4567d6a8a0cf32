#!/usr/bin/env node
// The plugbay command.
import { createProgram } from './program.ts';
import { reportError } from './report-error.ts';

await createProgram().parseAsync().catch(reportError);
