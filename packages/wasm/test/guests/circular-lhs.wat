;; Half of a circle: doubles, and goes on in `rhs`.
(module
  (import "rhs" "add_one" (func $add_one (param i64) (result i64)))
  (func (export "mul_two") (param i64) (result i64)
    (call $add_one (i64.mul (local.get 0) (i64.const 2))))
  (func (export "enough") (param i64) (result i32)
    (i64.gt_u (local.get 0) (i64.const 100))))
