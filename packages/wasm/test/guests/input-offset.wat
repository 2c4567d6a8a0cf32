;; Answers with its input, without a copy: the block that the input is.
(module
  (import "extism:host/env" "input_offset" (func $input_offset (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (func (export "input_offset") (result i32)
    (call $output_set (call $input_offset) (call $length (call $input_offset)))
    (i32.const 0)))
