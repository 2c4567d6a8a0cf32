import { describe, expect, it, vi } from 'vitest';
import { completeLogger, LOG_LEVELS, silentLogger } from './logger.ts';

describe('LOG_LEVELS', () => {
  it('goes from the least to the most severe', () => {
    expect(LOG_LEVELS).toEqual(['trace', 'debug', 'info', 'warn', 'error']);
  });
});

describe('silentLogger', () => {
  it('says that nothing is written, and takes every kind of line', () => {
    expect(silentLogger.level).toBe('silent');
    for (const level of LOG_LEVELS) {
      expect(silentLogger[level]('message')).toBeUndefined();
      expect(silentLogger[level]({ plugin: 'a' }, 'message')).toBeUndefined();
    }
    expect(Object.isFrozen(silentLogger)).toBe(true);
  });
});

describe('completeLogger', () => {
  it('has every method when given nothing, and says that nobody listens', () => {
    const logger = completeLogger();

    for (const level of LOG_LEVELS) expect(logger[level]('message')).toBeUndefined();
    expect(logger.level).toBe('silent');
  });

  it('follows a level that changes', () => {
    const own = { level: 'info' };
    const logger = completeLogger(own);
    own.level = 'debug';
    expect(logger.level).toBe('debug');
  });

  it('hands lines to the methods that there are, with the same arguments', () => {
    const info = vi.fn<(...line: unknown[]) => void>();
    const logger = completeLogger({ info });
    const facts = { plugin: 'discount' };
    logger.info('one');
    logger.info(facts, 'two');
    logger.warn('lost');

    expect(info.mock.calls).toEqual([['one'], [facts, 'two']]);
    expect(info.mock.calls[1]?.[0]).toBe(facts);
  });

  it('calls a method on the logger that it belongs to', () => {
    class AppLogger {
      readonly level = 'warn';
      readonly lines: string[] = [];
      error(line: object | string): void {
        this.lines.push(String(line));
      }
    }
    const own = new AppLogger();
    const { error, level } = completeLogger(own);
    error('broken');

    expect(own.lines).toEqual(['broken']);
    expect(level).toBe('warn');
  });

  it('does not change the logger it was given', () => {
    const own = Object.freeze({ info: () => undefined });

    expect(completeLogger(own).error('x')).toBeUndefined();
    expect(Object.keys(own)).toEqual(['info']);
  });
});
