;; Never gets as far as being a plugin: its start function does not come back.
(module
  (func $start (loop $again (br $again)))
  (start $start)
  (func (export "noop")))
