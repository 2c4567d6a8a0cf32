;; Starts with 1 and lets `lhs` and `rhs`, which import from each other, double it and add one in turn until it exceeds 100: 127.
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u64" (func $store_u64 (param i64 i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (import "lhs" "mul_two" (func $mul_two (param i64) (result i64)))
  (func (export "encalculate") (result i32)
    (local $block i64)
    (local.set $block (call $alloc (i64.const 8)))
    (call $store_u64 (local.get $block) (call $mul_two (i64.const 1)))
    (call $output_set (local.get $block) (i64.const 8))
    (i32.const 0)))
