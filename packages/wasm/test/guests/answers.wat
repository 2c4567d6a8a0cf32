;; Ends its calls in every way that an answer can be set or not.
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "load_u8" (func $load_u8 (param i64) (result i32)))
  (import "extism:host/env" "load_u64" (func $load_u64 (param i64) (result i64)))
  (import "extism:host/env" "store_u64" (func $store_u64 (param i64 i64)))
  (import "extism:host/env" "input_load_u8" (func $input_load_u8 (param i64) (result i32)))
  (import "extism:host/env" "input_load_u64" (func $input_load_u64 (param i64) (result i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (import "extism:host/env" "error_set" (func $error_set (param i64)))
  ;; `abcdefgh` and 8 zero bytes.
  (func $letters (result i64)
    (local $block i64)
    (local.set $block (call $alloc (i64.const 16)))
    (call $store_u64 (local.get $block) (i64.const 0x6867666564636261))
    (local.get $block))
  (func (export "nothing") (result i32) (i32.const 0))
  (func (export "without_result"))
  (func (export "empty") (result i32)
    (call $output_set (call $letters) (i64.const 0))
    (i32.const 0))
  (func (export "null") (result i32)
    (call $output_set (i64.const 0) (i64.const 0))
    (i32.const 0))
  ;; Two bytes from the middle of a block: `bc`.
  (func (export "part") (result i32)
    (call $output_set (i64.add (call $letters) (i64.const 1)) (i64.const 2))
    (i32.const 0))
  ;; Returns its input's first byte.
  (func (export "code") (result i32) (call $input_load_u8 (i64.const 0)))
  ;; Reports an error and takes it back.
  (func (export "recover") (result i32)
    (local $block i64)
    (local.set $block (call $letters))
    (call $error_set (local.get $block))
    (call $error_set (i64.const 0))
    (call $output_set (local.get $block) (i64.const 8))
    (i32.const 0))
  ;; Returns how many of the answers that should be 0 are not.
  (func (export "beyond") (result i32)
    (local $block i64)
    (local.set $block (call $alloc (i64.const 8)))
    (i32.add
      (i32.add
        (i64.ne (call $alloc (i64.const 0)) (i64.const 0))
        (i64.ne (call $length (i64.add (local.get $block) (i64.const 1))) (i64.const 0)))
      (i32.add
        (call $load_u8 (i64.add (local.get $block) (i64.const 0x6000000)))
        (i64.ne (call $load_u64 (i64.add (local.get $block) (i64.const 0x6000000))) (i64.const 0)))))
  ;; The same of the input, which has 3 bytes: 8 of them cannot be read.
  (func (export "beyond_input") (result i32)
    (i32.add
      (call $input_load_u8 (i64.const 3))
      (i64.ne (call $input_load_u64 (i64.const 0)) (i64.const 0))))
  ;; Returns 1 when a block of no bytes is not null.
  (func (export "alloc_nothing") (result i32) (i64.ne (call $alloc (i64.const 0)) (i64.const 0))))
