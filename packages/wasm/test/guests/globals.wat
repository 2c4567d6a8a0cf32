;; Counts its calls in a global: what is kept between calls of one instance. Answers with the count, 8 bytes in little endian.
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u64" (func $store_u64 (param i64 i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (global $count (mut i64) (i64.const 0))
  (func (export "globals") (result i32)
    (local $block i64)
    (local.set $block (call $alloc (i64.const 8)))
    (call $store_u64 (local.get $block) (global.get $count))
    (global.set $count (i64.add (global.get $count) (i64.const 1)))
    (call $output_set (local.get $block) (i64.const 8))
    (i32.const 0)))
