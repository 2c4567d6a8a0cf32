;; Never comes back.
(module
  (func (export "loop_forever") (loop $again (br $again))))
