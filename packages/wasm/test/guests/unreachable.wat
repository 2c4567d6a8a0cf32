;; Crashes, with and without having reported an error of its own before.
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "error_set" (func $error_set (param i64)))
  (func (export "do_unreachable") (result i32) unreachable)
  (func (export "report_and_crash") (result i32)
    (local $block i64)
    (local.set $block (call $alloc (i64.const 2)))
    (call $store_u8 (local.get $block) (i32.const 0x6e))
    (call $store_u8 (i64.add (local.get $block) (i64.const 1)) (i32.const 0x6f))
    (call $error_set (local.get $block))
    unreachable))
