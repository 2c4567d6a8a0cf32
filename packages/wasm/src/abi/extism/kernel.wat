;; The exchange memory of one instance: what a guest and its host hand to each other lives here. It answers the
;; imports of `extism:host/env` as the Extism runtime's own kernel does, most of them without leaving WebAssembly.
;;
;; Layout, in bytes. A guest can load and store from the arena's start to the memory's end, and nowhere else, so
;; what the state words say is the kernel's and the host's own. Block headers are in the guest's reach: nothing that
;; is read from one is believed beyond the arena's used part.
;;    0  top            end of the arena's used part
;;    4  last           the last block, 0 when there is none
;;    8  input          12  input's length
;;   16  output         20  output's length
;;   24  error          28  error's length, taken when it was set: guests free the block before they return
;;   32  limit          end of the arena at most, set by the host
;;   36  content        bytes of all live blocks, as their headers said when they were made and freed
;;   40  content limit  bytes that they may have at most, set by the host; 0 when only the arena's end counts
;;   44  keep           1 when the value of a variable stays a live block after var_set, as its key does; set by the host
;;   48  refused        u64, bytes that the blocks would have had with the last one that was refused; 0 when none was
;;   64  the arena: blocks, each a header of 16 bytes and its content, padded to 8
;; Header, at block - 16: u32 the block before it, u32 nothing, u32 block xor 0x5eedb10c while live, u32 its length.
;;
;; All offsets are below 2^31, so that the host reads them as small integers.
;;
;; The memory can be a shared one, on which another thread has an instance of this as well; they take turns. All that an
;; instance keeps for itself is how large the memory was when it looked last.
(module
  (import "host" "memory" (memory 1))
  ;; Each gets blocks as (offset, length); the length is -1 when the guest's handle is not a block, 0 for null.
  (import "host" "config_get" (func $host_config_get (param i32 i32) (result i32)))
  (import "host" "var_get" (func $host_var_get (param i32 i32) (result i32)))
  (import "host" "var_set" (func $host_var_set (param i32 i32 i32 i32)))
  (import "host" "log" (func $host_log (param i32 i32 i32)))
  (import "host" "http_request" (func $host_http_request (param i32 i32 i32 i32) (result i32)))
  (import "host" "http_headers" (func $host_http_headers (result i32)))

  ;; Bytes from the arena's start to the memory's end.
  (global $span (mut i64) (i64.const 0))
  (func $measure
    (global.set $span
      (i64.sub (i64.shl (i64.extend_i32_u (memory.size)) (i64.const 16)) (i64.const 64))))
  (func $start
    (call $measure)
    ;; Not when another instance has begun to use it.
    (if (i32.eqz (i32.load (i32.const 0))) (then (i32.store (i32.const 0) (i32.const 64)))))
  (start $start)

  ;; For the host: another instance may have grown the memory. Growing by nothing tells this thread of it.
  (func (export "measure")
    (drop (memory.grow (i32.const 0)))
    (call $measure))

  ;; ---- blocks

  ;; Makes sure that the memory reaches `end`; 1 when it does.
  (func $reach (param $end i32) (result i32)
    (local $pages i32)
    ;; What memory.size says may be out of date on a shared memory; growing by nothing gives the size that it has.
    (local.set $pages
      (i32.sub
        (i32.shr_u (i32.add (local.get $end) (i32.const 65535)) (i32.const 16))
        (memory.grow (i32.const 0))))
    (if (i32.le_s (local.get $pages) (i32.const 0)) (then (return (i32.const 1))))
    ;; A quarter more than there is, so that many small blocks do not grow it one by one; else what is needed.
    (if (i32.gt_u (i32.shr_u (memory.size) (i32.const 2)) (local.get $pages))
      (then
        (if (i32.ne (memory.grow (i32.shr_u (memory.size) (i32.const 2))) (i32.const -1))
          (then (return (i32.const 1))))))
    (i32.ne (memory.grow (local.get $pages)) (i32.const -1)))

  ;; Remembers a block that is not made; 0.
  (func $refuse (param $length i64) (result i32)
    (i64.store (i32.const 48) (i64.add (i64.load32_u (i32.const 36)) (local.get $length)))
    (i32.const 0))

  ;; For the host as well. A new block of `length` > 0 bytes, not zeroed; 0 when it does not fit.
  (func $take (export "take") (param $length i32) (result i32)
    (local $block i32) (local $end i32) (local $content i32)
    (local.set $content (i32.add (i32.load (i32.const 36)) (local.get $length)))
    ;; One less on both sides, so that a limit of 0 is none.
    (if (i32.gt_u
          (i32.sub (local.get $content) (i32.const 1))
          (i32.sub (i32.load (i32.const 40)) (i32.const 1)))
      (then (return (call $refuse (i64.extend_i32_u (local.get $length))))))
    (local.set $block (i32.add (i32.load (i32.const 0)) (i32.const 16)))
    ;; Cannot wrap: both are below 2^31.
    (local.set $end
      (i32.and
        (i32.add (i32.add (local.get $block) (local.get $length)) (i32.const 7))
        (i32.const -8)))
    (if (i32.gt_u (local.get $end) (i32.load (i32.const 32)))
      (then (return (call $refuse (i64.extend_i32_u (local.get $length))))))
    (if (i32.gt_u (local.get $end) (i32.shl (memory.size) (i32.const 16)))
      (then
        (if (i32.eqz (call $reach (local.get $end)))
          (then (return (call $refuse (i64.extend_i32_u (local.get $length))))))
        (call $measure)))
    (i32.store offset=0 (i32.sub (local.get $block) (i32.const 16)) (i32.load (i32.const 4)))
    (i32.store offset=8 (i32.sub (local.get $block) (i32.const 16))
      (i32.xor (local.get $block) (i32.const 0x5eedb10c)))
    (i32.store offset=12 (i32.sub (local.get $block) (i32.const 16)) (local.get $length))
    (i32.store (i32.const 4) (local.get $block))
    (i32.store (i32.const 0) (local.get $end))
    (i32.store (i32.const 36) (local.get $content))
    (local.get $block))

  ;; Zeroes a block's content. What an earlier call or a stray store left there would show otherwise.
  (func $clear (param $block i32) (param $length i32)
    (local $end i32)
    (if (i32.gt_u (local.get $length) (i32.const 128))
      (then
        (memory.fill (local.get $block) (i32.const 0) (local.get $length))
        (return)))
    (local.set $end (i32.add (local.get $block) (local.get $length)))
    (loop $next
      (i64.store (local.get $block) (i64.const 0))
      (br_if $next
        (i32.lt_u
          (local.tee $block (i32.add (local.get $block) (i32.const 8)))
          (local.get $end)))))

  ;; The length of the live block that starts at `handle`; 0 when none does.
  (func $length_of (export "length_of") (param $handle i64) (result i32)
    (local $block i32) (local $length i32)
    (if (i64.lt_u (local.get $handle) (i64.const 80)) (then (return (i32.const 0))))
    (if (i64.ge_u (local.get $handle) (i64.load32_u (i32.const 0))) (then (return (i32.const 0))))
    (local.set $block (i32.wrap_i64 (local.get $handle)))
    (if (i32.and (local.get $block) (i32.const 7)) (then (return (i32.const 0))))
    (if (i32.ne
          (i32.load (i32.sub (local.get $block) (i32.const 8)))
          (i32.xor (local.get $block) (i32.const 0x5eedb10c)))
      (then (return (i32.const 0))))
    (local.set $length (i32.load (i32.sub (local.get $block) (i32.const 4))))
    ;; A forged header ends here.
    (if (i32.gt_u (local.get $length) (i32.sub (i32.load (i32.const 0)) (local.get $block)))
      (then (return (i32.const 0))))
    (local.get $length))

  ;; As the host gets it: -1 for a handle that is not null and not a block.
  (func $length_or_fault (param $handle i64) (result i32)
    (local $length i32)
    (if (i64.eqz (local.get $handle)) (then (return (i32.const 0))))
    (local.set $length (call $length_of (local.get $handle)))
    (select (local.get $length) (i32.const -1) (local.get $length)))

  (func $alloc (export "alloc") (param $length i64) (result i64)
    (local $block i32)
    (if (i64.eqz (local.get $length)) (then (return (i64.const 0))))
    (if (i64.gt_u (local.get $length) (i64.load32_u (i32.const 32)))
      (then (return (i64.extend_i32_u (call $refuse (local.get $length))))))
    (local.set $block (call $take (i32.wrap_i64 (local.get $length))))
    (if (local.get $block) (then (call $clear (local.get $block) (i32.wrap_i64 (local.get $length)))))
    (i64.extend_i32_u (local.get $block)))

  ;; Content stays as it is until the space is used again, which happens once every block above it is free too.
  (func $free (export "free") (param $handle i64)
    (local $block i32) (local $below i32) (local $length i32) (local $content i32)
    (local.set $length (call $length_of (local.get $handle)))
    (if (i32.eqz (local.get $length)) (then (return)))
    (local.set $block (i32.wrap_i64 (local.get $handle)))
    (i32.store (i32.sub (local.get $block) (i32.const 8)) (i32.const 0))
    ;; Not below 0, for a forged length.
    (local.set $content (i32.load (i32.const 36)))
    (i32.store (i32.const 36)
      (select
        (i32.sub (local.get $content) (local.get $length))
        (i32.const 0)
        (i32.ge_u (local.get $content) (local.get $length))))
    (if (i32.eq (local.get $block) (i32.load (i32.const 8)))
      (then (i32.store (i32.const 12) (i32.const 0))))
    (if (i32.ne (local.get $block) (i32.load (i32.const 4))) (then (return)))
    ;; It is the last one: give back its space, and that of the free blocks below it.
    (loop $next
      (local.set $below (i32.load (i32.sub (local.get $block) (i32.const 16))))
      (i32.store (i32.const 0) (i32.sub (local.get $block) (i32.const 16)))
      ;; 0 where the arena starts; what else is no block below this one was forged.
      (if (i32.or
            (i32.or
              (i32.lt_u (local.get $below) (i32.const 80))
              (i32.and (local.get $below) (i32.const 7)))
            (i32.ge_u (local.get $below) (i32.sub (local.get $block) (i32.const 16))))
        (then (i32.store (i32.const 4) (i32.const 0)) (return)))
      (i32.store (i32.const 4) (local.get $below))
      (local.set $block (local.get $below))
      (br_if $next (i32.eqz (i32.load (i32.sub (local.get $block) (i32.const 8)))))))

  (func $length (export "length") (param $handle i64) (result i64)
    (i64.extend_i32_u (call $length_of (local.get $handle))))
  (export "length_unsafe" (func $length))

  ;; ---- bytes

  ;; Below the arena the difference wraps to a huge number, so that one comparison checks both ends.
  (func (export "load_u8") (param $at i64) (result i32)
    (if (i64.gt_u (i64.sub (local.get $at) (i64.const 64)) (i64.sub (global.get $span) (i64.const 1)))
      (then (return (i32.const 0))))
    (i32.load8_u (i32.wrap_i64 (local.get $at))))
  (func (export "load_u64") (param $at i64) (result i64)
    (if (i64.gt_u (i64.sub (local.get $at) (i64.const 64)) (i64.sub (global.get $span) (i64.const 8)))
      (then (return (i64.const 0))))
    (i64.load (i32.wrap_i64 (local.get $at))))
  (func (export "store_u8") (param $at i64) (param $value i32)
    (if (i64.gt_u (i64.sub (local.get $at) (i64.const 64)) (i64.sub (global.get $span) (i64.const 1))) (then (return)))
    (i32.store8 (i32.wrap_i64 (local.get $at)) (local.get $value)))
  (func (export "store_u64") (param $at i64) (param $value i64)
    (if (i64.gt_u (i64.sub (local.get $at) (i64.const 64)) (i64.sub (global.get $span) (i64.const 8))) (then (return)))
    (i64.store (i32.wrap_i64 (local.get $at)) (local.get $value)))

  ;; ---- input, output, error

  (func (export "input_offset") (result i64) (i64.load32_u (i32.const 8)))
  (func (export "input_length") (result i64) (i64.load32_u (i32.const 12)))
  (func (export "input_load_u8") (param $at i64) (result i32)
    (if (i64.ge_u (local.get $at) (i64.load32_u (i32.const 12))) (then (return (i32.const 0))))
    (i32.load8_u (i32.add (i32.load (i32.const 8)) (i32.wrap_i64 (local.get $at)))))
  (func (export "input_load_u64") (param $at i64) (result i64)
    ;; Twice, because the sum wraps for an offset just below 2^64.
    (if (i64.ge_u (local.get $at) (i64.load32_u (i32.const 12))) (then (return (i64.const 0))))
    (if (i64.gt_u (i64.add (local.get $at) (i64.const 8)) (i64.load32_u (i32.const 12)))
      (then (return (i64.const 0))))
    (i64.load (i32.add (i32.load (i32.const 8)) (i32.wrap_i64 (local.get $at)))))

  (func (export "output_set") (param $at i64) (param $length i64)
    (if (i64.gt_u (i64.sub (local.get $at) (i64.const 64)) (global.get $span)) (then (return)))
    (if (i64.gt_u (local.get $length)
          (i64.sub (global.get $span) (i64.sub (local.get $at) (i64.const 64))))
      (then (return)))
    (i32.store (i32.const 16) (i32.wrap_i64 (local.get $at)))
    (i32.store (i32.const 20) (i32.wrap_i64 (local.get $length))))

  (func (export "error_set") (param $handle i64)
    (if (i64.ne (local.get $handle) (i64.const 0))
      (then
        (if (i64.gt_u (i64.sub (local.get $handle) (i64.const 64)) (i64.sub (global.get $span) (i64.const 1)))
          (then (return)))))
    (i32.store (i32.const 24) (i32.wrap_i64 (local.get $handle)))
    (i32.store (i32.const 28) (call $length_of (local.get $handle))))
  (func (export "error_get") (result i64) (i64.load32_u (i32.const 24)))

  ;; ---- what the host answers

  ;; A block that was handed over is freed, after the answer so that it does not take its place. The input stays.
  (func $consume (param $handle i64)
    (if (i64.ne (local.get $handle) (i64.load32_u (i32.const 8))) (then (call $free (local.get $handle)))))

  (func (export "config_get") (param $key i64) (result i64)
    (local $value i32)
    (local.set $value
      (call $host_config_get (i32.wrap_i64 (local.get $key)) (call $length_or_fault (local.get $key))))
    (call $consume (local.get $key))
    (i64.extend_i32_u (local.get $value)))
  (func (export "var_get") (param $key i64) (result i64)
    (local $value i32)
    (local.set $value
      (call $host_var_get (i32.wrap_i64 (local.get $key)) (call $length_or_fault (local.get $key))))
    (call $consume (local.get $key))
    (i64.extend_i32_u (local.get $value)))
  ;; The key stays live: there are guests that hand it to a host function next.
  (func (export "var_set") (param $key i64) (param $value i64)
    (call $host_var_set
      (i32.wrap_i64 (local.get $key)) (call $length_or_fault (local.get $key))
      (i32.wrap_i64 (local.get $value)) (call $length_or_fault (local.get $value)))
    (if (i32.eqz (i32.load (i32.const 44))) (then (call $consume (local.get $value)))))
  (func (export "http_request") (param $request i64) (param $body i64) (result i64)
    (local $answer i32)
    (local.set $answer
      (call $host_http_request
        (i32.wrap_i64 (local.get $request)) (call $length_or_fault (local.get $request))
        (i32.wrap_i64 (local.get $body)) (call $length_or_fault (local.get $body))))
    (call $consume (local.get $request))
    (call $consume (local.get $body))
    (i64.extend_i32_u (local.get $answer)))
  (func (export "http_headers") (result i64) (i64.extend_i32_u (call $host_http_headers)))

  (func $log (param $level i32) (param $text i64)
    (call $host_log
      (local.get $level) (i32.wrap_i64 (local.get $text)) (call $length_or_fault (local.get $text)))
    (call $consume (local.get $text)))
  (func (export "log_trace") (param $text i64) (call $log (i32.const 0) (local.get $text)))
  (func (export "log_debug") (param $text i64) (call $log (i32.const 1) (local.get $text)))
  (func (export "log_info") (param $text i64) (call $log (i32.const 2) (local.get $text)))
  (func (export "log_warn") (param $text i64) (call $log (i32.const 3) (local.get $text)))
  (func (export "log_error") (param $text i64) (call $log (i32.const 4) (local.get $text)))
)
