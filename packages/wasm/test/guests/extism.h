// The part of the Extism ABI that the test guests in C use.
#pragma once
#include <stdint.h>

#define ENV(name) __attribute__((import_module("extism:host/env"), import_name(#name)))
#define EXPORT(name) __attribute__((export_name(#name)))

ENV(alloc) uint64_t extism_alloc(uint64_t bytes);
ENV(length) uint64_t extism_length(uint64_t block);
ENV(load_u8) uint8_t extism_load_u8(uint64_t at);
ENV(store_u8) void extism_store_u8(uint64_t at, uint8_t value);
ENV(input_length) uint64_t extism_input_length(void);
ENV(input_load_u8) uint8_t extism_input_load_u8(uint64_t index);
ENV(output_set) void extism_output_set(uint64_t at, uint64_t bytes);
ENV(config_get) uint64_t extism_config_get(uint64_t key);

// At most `room` bytes of the input; returns how many.
static inline uint64_t take_input(char *to, uint64_t room) {
  uint64_t bytes = extism_input_length();
  if (bytes > room) bytes = room;
  for (uint64_t at = 0; at < bytes; at++) to[at] = (char)extism_input_load_u8(at);
  return bytes;
}

// At most `room` bytes of a block; returns how many.
static inline uint64_t take_block(char *to, uint64_t room, uint64_t block) {
  uint64_t bytes = extism_length(block);
  if (bytes > room) bytes = room;
  for (uint64_t at = 0; at < bytes; at++) to[at] = (char)extism_load_u8(block + at);
  return bytes;
}

static inline uint64_t new_block(const char *from, uint64_t bytes) {
  uint64_t block = extism_alloc(bytes);
  for (uint64_t at = 0; at < bytes; at++) extism_store_u8(block + at, (uint8_t)from[at]);
  return block;
}

static inline void answer(const char *from, uint64_t bytes) { extism_output_set(new_block(from, bytes), bytes); }
