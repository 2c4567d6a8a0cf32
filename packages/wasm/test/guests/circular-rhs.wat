;; The other half: adds one, and goes back to `lhs` until it is enough.
(module
  (import "lhs" "mul_two" (func $mul_two (param i64) (result i64)))
  (func (export "add_one") (param i64) (result i64)
    (local.set 0 (i64.add (local.get 0) (i64.const 1)))
    (if (i64.gt_u (local.get 0) (i64.const 100)) (then (return (local.get 0))))
    (call $mul_two (local.get 0))))
