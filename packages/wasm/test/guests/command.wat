;; A command: it exports `_start`, and counts in a global.
(module
  (global $count (mut i64) (i64.const 0))
  (func (export "_start"))
  (func (export "bump") (result i64)
    (global.set $count (i64.add (global.get $count) (i64.const 1)))
    (global.get $count))
  (func (export "bump_by_ten") (result i64)
    (global.set $count (i64.add (global.get $count) (i64.const 10)))
    (global.get $count)))
