;; Reads its whole input, 8 bytes at a time, and answers with nothing.
(module
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "input_load_u64" (func $input_load_u64 (param i64) (result i64)))
  (import "extism:host/env" "input_load_u8" (func $input_load_u8 (param i64) (result i32)))
  (func (export "run_test") (result i32)
    (local $at i64) (local $length i64)
    (local.set $length (call $input_length))
    (block $words_read
      (loop $next
        (br_if $words_read (i64.gt_u (i64.add (local.get $at) (i64.const 8)) (local.get $length)))
        (drop (call $input_load_u64 (local.get $at)))
        (local.set $at (i64.add (local.get $at) (i64.const 8)))
        (br $next)))
    (block $done
      (loop $next
        (br_if $done (i64.ge_u (local.get $at) (local.get $length)))
        (drop (call $input_load_u8 (local.get $at)))
        (local.set $at (i64.add (local.get $at) (i64.const 1)))
        (br $next)))
    (i32.const 0)))
