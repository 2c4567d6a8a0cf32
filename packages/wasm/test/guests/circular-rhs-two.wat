;; As circular-rhs, but imports two functions of `lhs`.
(module
  (import "lhs" "mul_two" (func $mul_two (param i64) (result i64)))
  (import "lhs" "enough" (func $enough (param i64) (result i32)))
  (func (export "add_one") (param i64) (result i64)
    (local.set 0 (i64.add (local.get 0) (i64.const 1)))
    (if (call $enough (local.get 0)) (then (return (local.get 0))))
    (call $mul_two (local.get 0))))
