;; Calls `run_test` of a module named `side`, a WASI command, twice: each import of a command is an instance of its own.
(module
  (import "side" "run_test" (func $run_test (result i32)))
  (func (export "run_test") (result i32)
    (drop (call $run_test))
    (call $run_test)))
