;; Imports `bump` of a module named `command` three times over: each import of a command, which exports `_start`, is another instance.
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u64" (func $store_u64 (param i64 i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (import "command" "bump" (func $bump (result i64)))
  (import "command" "bump_by_ten" (func $bump_by_ten (result i64)))
  ;; Answers with what the second call of `bump` and the first of `bump_by_ten` returned, 8 bytes each.
  (func (export "run_test") (result i32)
    (local $block i64)
    (local.set $block (call $alloc (i64.const 16)))
    (drop (call $bump))
    (call $store_u64 (local.get $block) (call $bump))
    (call $store_u64 (i64.add (local.get $block) (i64.const 8)) (call $bump_by_ten))
    (call $output_set (local.get $block) (i64.const 16))
    (i32.const 0)))
