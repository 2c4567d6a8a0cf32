// The part of the Extism ABI that the measured guests use, and copies of 8 bytes at a time, as the Rust and Go libraries make them.
#pragma once

typedef unsigned char u8;
typedef unsigned long long u64;

#define ENV(name) __attribute__((import_module("extism:host/env"), import_name(#name)))
#define EXPORT(name) __attribute__((export_name(#name)))

ENV(alloc) u64 extism_alloc(u64 bytes);
ENV(length) u64 extism_length(u64 offset);
ENV(load_u8) u8 extism_load_u8(u64 offset);
ENV(load_u64) u64 extism_load_u64(u64 offset);
ENV(store_u8) void extism_store_u8(u64 offset, u8 value);
ENV(store_u64) void extism_store_u64(u64 offset, u64 value);
ENV(input_length) u64 extism_input_length(void);
ENV(input_load_u8) u8 extism_input_load_u8(u64 index);
ENV(input_load_u64) u64 extism_input_load_u64(u64 index);
ENV(output_set) void extism_output_set(u64 offset, u64 bytes);
ENV(config_get) u64 extism_config_get(u64 key);
ENV(var_get) u64 extism_var_get(u64 key);
ENV(var_set) void extism_var_set(u64 key, u64 value);

static inline void store_bytes(u64 offset, const u8 *from, u64 bytes) {
  u64 at = 0;
  for (; at + 8 <= bytes; at += 8) {
    u64 word;
    __builtin_memcpy(&word, from + at, 8);
    extism_store_u64(offset + at, word);
  }
  for (; at < bytes; at++) extism_store_u8(offset + at, from[at]);
}

static inline void load_bytes(u8 *to, u64 offset, u64 bytes) {
  u64 at = 0;
  for (; at + 8 <= bytes; at += 8) {
    u64 word = extism_load_u64(offset + at);
    __builtin_memcpy(to + at, &word, 8);
  }
  for (; at < bytes; at++) to[at] = extism_load_u8(offset + at);
}

static inline u64 store_block(const u8 *from, u64 bytes) {
  u64 block = extism_alloc(bytes);
  store_bytes(block, from, bytes);
  return block;
}

static inline u64 load_input(u8 *to, u64 room) {
  u64 bytes = extism_input_length();
  if (bytes > room) bytes = room;
  u64 at = 0;
  for (; at + 8 <= bytes; at += 8) {
    u64 word = extism_input_load_u64(at);
    __builtin_memcpy(to + at, &word, 8);
  }
  for (; at < bytes; at++) to[at] = extism_input_load_u8(at);
  return bytes;
}
