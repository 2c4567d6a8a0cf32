// Modules that between them use every proposal that Node accepts, for tests of what rewrites modules. All that they export
// takes and returns numbers, ends soon whatever it is given, and depends on nothing but what was called before.
import { compileAssemblyScript, compileC, wat } from '@plugbay/testing';

/** One module. */
export interface CorpusModule {
  readonly name: string;
  bytes(): Promise<Uint8Array>;
}

const PREAMBLE = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** One section in the binary format. */
export function section(id: number, ...content: number[]): number[] {
  return [id, ...leb(content.length), ...content];
}

/** A module of such sections. */
export function moduleOf(...sections: number[][]): Uint8Array {
  return Uint8Array.from([...PREAMBLE, ...sections.flat()]);
}

/** A function body without its length; `locals` as the format has them. */
export function body(locals: readonly number[], ...code: number[]): number[] {
  const content = [...locals, ...code, 0x0b];
  return [...leb(content.length), ...content];
}

/** A name or a string after its length. */
export function text(value: string): number[] {
  return [value.length, ...Buffer.from(value)];
}

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >> 7)];
}

const WAT: Readonly<Record<string, string>> = {
  control: `
    (func $fact (export "fact") (param i32) (result i64)
      (local $n i32) (local $product i64)
      (local.set $n (i32.and (local.get 0) (i32.const 15)))
      (local.set $product (i64.const 1))
      (block $out
        (loop $again
          (br_if $out (i32.eqz (local.get $n)))
          (local.set $product (i64.mul (local.get $product) (i64.extend_i32_u (local.get $n))))
          (local.set $n (i32.sub (local.get $n) (i32.const 1)))
          (br $again)))
      (local.get $product))
    (func (export "route") (param i32) (result i32)
      (block $c (block $b (block $a
        (br_table $a $b $c (i32.rem_u (local.get 0) (i32.const 4))))
        (return (i32.const 10)))
        (return (i32.const 20)))
      (i32.const 30))
    (func (export "leave") (param i32 i32) (result i32)
      (loop $again (result i32)
        (if (i32.gt_u (local.get 0) (i32.const 1000)) (then (br 2 (local.get 1))))
        (local.set 0 (i32.add (local.get 0) (i32.const 100)))
        (local.set 1 (i32.add (i32.mul (local.get 1) (i32.const 3)) (i32.const 1)))
        (br_if 1 (local.get 1) (i32.lt_s (local.get 1) (i32.const -1000000)))
        (br $again)))
    (func $odd (param i32) (result i32)
      (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 0))
        (else (call $even (i32.sub (local.get 0) (i32.const 1))))))
    (func $even (param i32) (result i32)
      (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 1))
        (else (call $odd (i32.sub (local.get 0) (i32.const 1))))))
    (func (export "even") (param i32) (result i32) (call $even (i32.and (local.get 0) (i32.const 63))))
    (func (export "trap") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))`,
  tables: `
    (type $unary (func (param i32) (result i32)))
    (table $t 8 8 funcref)
    (func $double (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
    (func $square (param i32) (result i32) (i32.mul (local.get 0) (local.get 0)))
    (func $wrong (param i64) (result i32) (i32.const 0))
    (elem (i32.const 1) $double $square $wrong)
    (func (export "call") (param i32 i32) (result i32)
      (call_indirect (type $unary) (local.get 1) (i32.and (local.get 0) (i32.const 7))))`,
  state: `
    (memory (export "memory") 1 4)
    (global $count (mut i32) (i32.const 5))
    (global $wide (mut i64) (i64.const -1))
    (global $fixed i32 (i32.const 1024))
    (data (i32.const 0) "some bytes to start with")
    (data (global.get $fixed) "at the place that a global says")
    (func $init (global.set $count (i32.const 100)))
    (start $init)
    (func (export "next") (param i32) (result i32)
      (global.set $count (i32.add (global.get $count) (local.get 0)))
      (global.set $wide (i64.mul (global.get $wide) (i64.const 3)))
      (i32.add (global.get $count) (i32.wrap_i64 (global.get $wide))))
    (func (export "keep") (param i32 i32) (result i32)
      (i32.store8 offset=16 (i32.and (local.get 0) (i32.const 0xffff)) (local.get 1))
      (i32.load offset=14 align=1 (i32.and (local.get 0) (i32.const 0xffff))))
    (func (export "grow") (param i32) (result i32)
      (drop (memory.grow (i32.and (local.get 0) (i32.const 1))))
      (memory.size))`,
  values: `
    (func $pair (param i32) (result i32 i64) (local.get 0) (i64.extend_i32_s (local.get 0)))
    (func (export "sum") (param i32) (result i64)
      (local i32 i64)
      (call $pair (local.get 0)) (local.set 2) (local.set 1)
      (i64.add (i64.extend_i32_u (local.get 1)) (local.get 2)))
    (func (export "typed") (param i32) (result i32)
      (local.get 0) (i32.const 7)
      (block (param i32 i32) (result i32) (i32.add))
      (loop (param i32) (result i32) (if (param i32) (result i32) (i32.const 1) (then) (else (drop) (i32.const 2)))))
    (func (export "saturate") (param f64) (result i32) (i32.trunc_sat_f64_s (local.get 0)))
    (func (export "extend") (param i32) (result i32) (i32.extend8_s (local.get 0)))
    (func (export "floats") (param f64 f32) (result f64)
      (f64.add (f64.sqrt (f64.abs (local.get 0))) (f64.promote_f32 (f32.mul (local.get 1) (f32.const 1.5)))))`,
  bulk: `
    (memory 1 2)
    (table $t 16 16 funcref)
    (func $one (result i32) (i32.const 1))
    (func $two (result i32) (i32.const 2))
    (elem $e func $one $two)
    (data $d "the bytes of a passive segment")
    (func (export "move") (param i32 i32) (result i32)
      (local $at i32)
      (memory.init $d (i32.and (local.get 0) (i32.const 0xfff)) (i32.const 4) (i32.const 10))
      (memory.fill (i32.and (local.get 1) (i32.const 0xfff)) (local.get 0) (i32.and (local.get 1) (i32.const 63)))
      (memory.copy (i32.const 8) (i32.and (local.get 0) (i32.const 0xff)) (i32.and (local.get 1) (i32.const 0x3ff)))
      (i32.load (i32.and (local.get 0) (i32.const 0xfff))))
    (func (export "tables") (param i32) (result i32)
      (table.init $t $e (i32.and (local.get 0) (i32.const 7)) (i32.const 0) (i32.const 2))
      (table.copy $t $t (i32.const 8) (i32.and (local.get 0) (i32.const 7)) (i32.const 2))
      (i32.add
        (call_indirect (result i32) (i32.const 8))
        (call_indirect (result i32) (i32.const 9))))
    (func (export "drop") (param i32) (result i32)
      (if (i32.eqz (local.get 0)) (then (data.drop $d) (elem.drop $e)))
      (i32.const 0))
    (func (export "beyond") (param i32) (result i32)
      (memory.fill (local.get 0) (i32.const 1) (local.get 0))
      (i32.load8_u (i32.const 0)))`,
  references: `
    (table $t 2 20 funcref)
    (table $x 1 externref)
    (elem declare func $seven)
    (func $seven (result i32) (i32.const 7))
    (func (export "use") (param i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (local.get 0) (i32.const 1)))
      (table.set $t (local.get $at) (select (result funcref) (ref.func $seven) (ref.null func) (i32.and (local.get 0) (i32.const 2))))
      (if (result i32) (ref.is_null (table.get $t (local.get $at)))
        (then (i32.const -1))
        (else (call_indirect $t (result i32) (local.get $at)))))
    (func (export "grow") (param i32) (result i32)
      (drop (table.grow $t (ref.null func) (i32.and (local.get 0) (i32.const 7))))
      (table.fill $t (i32.const 0) (ref.func $seven) (table.size $t))
      (table.fill $x (i32.const 0) (ref.null extern) (i32.const 1))
      (table.size $t))`,
  'tail calls': `
    (type $loop (func (param i32 i32) (result i32)))
    (table funcref (elem $down $swap))
    (func $down (type $loop)
      (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
      (return_call_indirect (type $loop)
        (i32.sub (local.get 0) (i32.const 1)) (i32.add (local.get 1) (local.get 0)) (i32.const 1)))
    (func $swap (type $loop) (return_call $down (local.get 0) (i32.xor (local.get 1) (i32.const 0x55))))
    (func (export "down") (param i32) (result i32)
      (return_call $down (i32.and (local.get 0) (i32.const 1023)) (i32.const 0)))`,
  'legacy exceptions': `
    (tag $e (param i32))
    (func $risky (param i32) (result i32)
      (if (i32.and (local.get 0) (i32.const 1)) (then (throw $e (local.get 0))))
      (i32.const 1000))
    (func (export "try") (param i32) (result i32)
      (local $turns i32)
      (loop $again
        (local.set $turns (i32.add (local.get $turns)
          (try (result i32)
            (do (call $risky (i32.add (local.get 0) (local.get $turns))))
            (catch $e (i32.and (i32.const 7)))
            (catch_all (i32.const 9)))))
        (br_if $again (i32.lt_u (local.get $turns) (i32.const 50))))
      (local.get $turns))
    (func (export "rethrow") (param i32) (result i32)
      (try (result i32)
        (do (try (result i32) (do (call $risky (local.get 0))) (catch $e (drop) (rethrow 0))))
        (catch_all (i32.const -2))))
    (func (export "delegate") (param i32) (result i32)
      (try (result i32)
        (do (try (result i32) (do (call $risky (local.get 0))) (delegate 0)))
        (catch $e (i32.add (i32.const 5)))))`,
  exceptions: `
    (tag $e (param i32))
    (tag $other)
    (func $risky (param i32)
      (if (i32.and (local.get 0) (i32.const 1)) (then (throw $e (local.get 0))))
      (if (i32.and (local.get 0) (i32.const 2)) (then (throw $other))))
    (func (export "try") (param i32) (result i32)
      (local $sum i32)
      (loop $again
        (block $end
          (block $all
            (local.set $sum (i32.add (local.get $sum)
              (block $caught (result i32)
                (try_table (catch $e $caught) (catch_all $all)
                  (call $risky (local.get 0)))
                (i32.const 1))))
            (br $end))
          (local.set $sum (i32.xor (local.get $sum) (i32.const 77))))
        (local.set 0 (i32.shr_u (local.get 0) (i32.const 1)))
        (br_if $again (local.get 0)))
      (local.get $sum))
    (func (export "again") (param i32) (result i32)
      (local exnref)
      (block $all
        (block $reference (result exnref)
          (try_table (catch_all_ref $reference) (call $risky (local.get 0)))
          (return (i32.const 0)))
        (local.set 1)
        (try_table (catch_all $all) (throw_ref (local.get 1))))
      (i32.const 3))`,
  vectors: `
    (memory 1)
    (func (export "mix") (param i32 i32) (result i32)
      (local v128)
      (local.set 2 (i8x16.shuffle 0 17 2 19 4 21 6 23 8 25 10 27 12 29 14 31
        (i32x4.splat (local.get 0)) (i32x4.splat (local.get 1))))
      (v128.store offset=32 (i32.const 0) (i32x4.mul (local.get 2) (v128.const i32x4 1 2 3 4)))
      (v128.store32_lane offset=8 1 (i32.const 0) (local.get 2))
      (local.set 2 (v128.load8_lane offset=40 3 (i32.const 0) (local.get 2)))
      (i32.xor
        (i32x4.extract_lane 2 (v128.load64_zero offset=32 (i32.const 0)))
        (i32x4.extract_lane 3 (i16x8.extmul_low_i8x16_s (local.get 2) (i64x2.neg (local.get 2))))))
    (func (export "any") (param i64) (result i32)
      (v128.any_true (i64x2.replace_lane 1 (v128.const i64x2 0 0) (local.get 0))))
    (func (export "relaxed") (param f32) (result i32)
      (i32x4.extract_lane 0 (i32x4.relaxed_trunc_f32x4_s (f32x4.splat (f32.nearest
        (f32.min (f32.const 1000) (f32.max (f32.const -1000) (local.get 0))))))))`,
  atomics: `
    (memory 1 1)
    (func (export "add") (param i32) (result i32)
      (drop (i32.atomic.rmw.add offset=4 (i32.const 0) (local.get 0)))
      (atomic.fence)
      (drop (memory.atomic.notify (i32.const 4) (i32.const 1)))
      (i32.atomic.rmw8.xchg_u (i32.const 5) (local.get 0)))
    (func (export "exchange") (param i64 i64) (result i64)
      (i64.atomic.rmw.cmpxchg offset=8 (i32.const 0) (local.get 0) (local.get 1)))`,
  'many memories': `
    (memory $a 1 1) (memory $b 1 3) (memory $c 1 1)
    (data $d "of two memories")
    (func (export "between") (param i32 i32) (result i32)
      (i32.store $b offset=4 (i32.and (local.get 0) (i32.const 0xfff)) (local.get 1))
      (memory.copy $a $b (i32.const 0) (i32.and (local.get 0) (i32.const 0xfff)) (i32.const 200))
      (memory.init $c $d (i32.and (local.get 1) (i32.const 0xff)) (i32.const 1) (i32.const 6))
      (memory.fill $a (i32.const 100) (i32.const 7) (i32.const 9))
      (i32.add (i32.load $a offset=4 (i32.const 0))
        (i32.add (i32.load8_u $c (i32.and (local.get 1) (i32.const 0xff))) (memory.grow $b (i32.const 1)))))
    (func (export "atomic") (param i32) (result i32) (i32.atomic.rmw.add $c (i32.const 64) (local.get 0)))
    (func (export "lane") (param i32) (result i32)
      (i32x4.extract_lane 1 (v128.load32_lane $b offset=8 1 (i32.const 0) (i32x4.splat (local.get 0)))))`,
  'wide addresses': `
    (memory $w i64 1 4) (memory $n 1)
    (table $t i64 4 funcref)
    (table $small 4 funcref)
    (func $four (result i32) (i32.const 4))
    (elem (table $t) (i64.const 1) func $four)
    (elem declare func $four)
    (data (memory $w) (i64.const 8) "wide")
    (func (export "use") (param i64 i32) (result i32)
      (i32.store $w offset=16 (i64.and (local.get 0) (i64.const 0xfff)) (local.get 1))
      (memory.fill $w (i64.const 64) (local.get 1) (i64.and (local.get 0) (i64.const 0x3ff)))
      (memory.copy $w $n (i64.const 0) (i32.const 4) (i32.and (local.get 1) (i32.const 0xff)))
      (memory.copy $w $w (i64.const 128) (i64.const 0) (i64.and (local.get 0) (i64.const 0xff)))
      (i32.add (i32.load $w (i64.and (local.get 0) (i64.const 0xfff)))
        (i32.wrap_i64 (i64.add (memory.size $w) (memory.grow $w (i64.const 1))))))
    (func (export "table") (param i32) (result i32)
      (table.fill $t (i64.const 2) (ref.func $four) (i64.const 2))
      (drop (table.grow $t (ref.null func) (i64.const 2)))
      (table.copy $small $t (i32.const 0) (i64.const 1) (i32.const 2))
      (i32.add (call_indirect $t (result i32) (i64.const 3)) (call_indirect $small (result i32) (i32.const 1))))`,
  'constant expressions': `
    (import "host" "base" (global $base i32))
    (memory 1)
    (global $twice i32 (i32.mul (global.get $base) (i32.const 2)))
    (global $wide i64 (i64.sub (i64.const 3) (i64.const 5)))
    (data (i32.add (global.get $base) (i32.const 8)) "offset")
    (table 20 funcref)
    (elem (i32.add (global.get $base) (i32.const 1)) $f)
    (func $f (result i32) (i32.const 99))
    (func (export "read") (param i32) (result i32)
      (i32.add (i32.load (i32.and (local.get 0) (i32.const 31)))
        (i32.add (global.get $twice) (i32.wrap_i64 (global.get $wide)))))
    (func (export "call") (param i32) (result i32) (call_indirect (result i32) (i32.and (local.get 0) (i32.const 15))))`,
  imports: `
    (import "host" "add" (func $add (param i32 i32) (result i32)))
    (import "host" "memory" (memory 1))
    (import "host" "table" (table $table 4 funcref))
    (import "host" "counter" (global $counter (mut i32)))
    (import "host" "tag" (tag $tag (param i32)))
    (import "host" "neg" (func $neg (param i32) (result i32)))
    (table $own 2 funcref)
    (elem (table $own) (i32.const 0) func $neg $own_neg)
    (func $own_neg (param i32) (result i32) (i32.sub (i32.const 0) (call $neg (local.get 0))))
    (export "again" (func $add))
    (func (export "mixed") (param i32 i32) (result i32)
      (global.set $counter (i32.add (global.get $counter) (i32.const 1)))
      (i32.store offset=8 (i32.const 0) (local.get 1))
      (table.set $table (i32.const 0) (ref.func $own_neg))
      (i32.add (call $add (local.get 0) (i32.load offset=8 (i32.const 0)))
        (i32.add
          (call_indirect $own (param i32) (result i32) (local.get 1) (i32.and (local.get 0) (i32.const 1)))
          (i32.mul (global.get $counter) (call_indirect $table (param i32) (result i32) (local.get 0) (i32.const 0))))))
    (func (export "catch") (param i32) (result i32)
      (block $caught (result i32) (try_table (catch $tag $caught) (throw $tag (local.get 0))) (unreachable)))`,
};

// What the text format's compiler cannot write. Types: 0 a structure with an i32, 1 a subtype of it with a field more, 2 an array
// of mutable i8, 3 an array of mutable (ref null 0), 4 (i32) -> i32, 5 () -> i32; 0 to 2 in one group.
const COLLECTED = (): Uint8Array =>
  moduleOf(
    section(
      1,
      ...[4, 0x4e, 3, 0x50, 0, 0x5f, 1, 0x7f, 1, 0x4f, 1, 0, 0x5f, 2, 0x7f, 1, 0x64, 0, 1, 0x5e, 0x78, 1],
      ...[0x5e, 0x63, 0, 1, 0x60, 1, 0x7f, 1, 0x7f, 0x60, 0, 1, 0x7f],
    ),
    section(3, 3, 4, 4, 4),
    // A table whose entries start as (ref.func 1), and one of (ref null 0).
    section(4, 2, 0x40, 0, 0x64, 4, 0, 2, 0xd2, 1, 0x0b, 0x63, 0, 0, 2),
    section(6, 2, 0x63, 0, 0, 0x41, 7, 0xfb, 0, 0, 0x0b, 0x64, 0x6c, 0, 0x41, 9, 0xfb, 28, 0x0b),
    section(7, 3, ...text('cast'), 0, 0, ...text('bytes'), 0, 1, ...text('table'), 0, 2),
    // Passive expressions of type (ref null 0); functions that are declared.
    section(9, 2, 5, 0x63, 0, 2, 0xd0, 0, 0x0b, 0x23, 0, 0x0b, 3, 0, 1, 2),
    section(12, 1),
    section(
      10,
      3,
      // cast: a structure or its subtype, or an i31 reference, told apart by br_on_cast.
      ...body(
        [1, 1, 0x63, 0x6b],
        ...[0x02, 0x63, 0x6b, 0x20, 0, 0x41, 1, 0x71, 0x04, 0x64, 0x6b],
        ...[0x20, 0, 0xfb, 0, 0, 0x05, 0x41, 5, 0x20, 0, 0xfb, 0, 0, 0xfb, 0, 1, 0x0b, 0x0b, 0x21, 1],
        ...[0x02, 0x64, 1, 0x20, 1, 0xfb, 24, 1, 0, 0x6b, 1, 0xfb, 22, 0, 0xfb, 2, 0, 0, 0x0f, 0x0b],
        ...[0xfb, 2, 1, 1, 0xfb, 2, 0, 0, 0x23, 1, 0xfb, 29, 0x6a],
      ),
      // bytes: made from a data segment, filled, copied; converted to extern and back.
      ...body(
        [1, 1, 0x63, 2],
        ...[0x41, 0, 0x41, 8, 0xfb, 9, 2, 0, 0x21, 1],
        ...[0x20, 1, 0x41, 2, 0x20, 0, 0x41, 3, 0xfb, 16, 2],
        ...[0x20, 1, 0x41, 4, 0x20, 1, 0x41, 1, 0x41, 3, 0xfb, 17, 2, 2],
        ...[0x20, 1, 0x41, 0, 0x41, 5, 0x41, 2, 0xfb, 18, 2, 0],
        ...[0x20, 1, 0xfb, 27, 0xfb, 26, 0xfb, 23, 2, 0x20, 0, 0x41, 7, 0x71, 0xfb, 13, 2],
        ...[0x20, 1, 0xfb, 20, 0x6a, 0x6a],
      ),
      // table: structures into a table, and an array from an element segment.
      ...body(
        [1, 1, 0x63, 3],
        ...[0x41, 1, 0x20, 0, 0xfb, 0, 0, 0x26, 1],
        ...[0x41, 0, 0x41, 2, 0xfb, 10, 3, 0, 0x21, 1],
        ...[0x20, 1, 0x41, 0, 0x41, 1, 0x25, 1, 0xfb, 14, 3],
        ...[0x20, 1, 0x41, 0, 0xfb, 11, 3, 0xfb, 2, 0, 0],
        ...[0x20, 1, 0x41, 1, 0xfb, 11, 3, 0xfb, 2, 0, 0, 0x6a],
      ),
    ),
    section(11, 1, 1, ...text('abcdefgh')),
  );

// Functions by reference. Types: 0 (i32) -> i32, 1 ((ref 0), i32) -> i32, 2 ((ref null 0), i32) -> i32.
const REFERENCES = (): Uint8Array =>
  moduleOf(
    section(
      1,
      ...[3, 0x60, 1, 0x7f, 1, 0x7f, 0x60, 2, 0x64, 0, 0x7f, 1, 0x7f, 0x60, 2, 0x63, 0, 0x7f, 1, 0x7f],
    ),
    section(3, 5, 0, 0, 1, 2, 0),
    section(7, 1, ...text('apply'), 0, 4),
    section(9, 1, 3, 0, 2, 0, 1),
    section(
      10,
      5,
      ...body([0], 0x20, 0, 0x41, 3, 0x6a),
      ...body([0], 0x20, 0, 0x41, 3, 0x6b),
      ...body([0], 0x20, 1, 0x20, 0, 0x14, 0),
      // A null is answered with -1: br_on_null, br_on_non_null, return_call_ref.
      ...body(
        [1, 1, 0x63, 0],
        ...[0x02, 0x40, 0x02, 0x64, 0, 0x20, 0, 0xd6, 0, 0x41, 0x7f, 0x0f, 0x0b],
        ...[0x21, 2, 0x20, 2, 0xd5, 0, 0x1a, 0x20, 1, 0x20, 2, 0xd4, 0x15, 0, 0x0b, 0x41, 0x7e],
      ),
      ...body(
        [0],
        ...[0xd2, 0, 0x20, 0, 0x10, 2, 0xd2, 1, 0x20, 0, 0x10, 3, 0x6a],
        ...[0xd0, 0, 0x20, 0, 0x10, 3, 0x6a],
      ),
    ),
  );

// A data segment for each memory: implicitly the first, by name the second.
const MEMORIES = (): Uint8Array =>
  moduleOf(
    section(1, 1, 0x60, 1, 0x7f, 1, 0x7f),
    section(3, 1, 0),
    section(5, 2, 1, 1, 1, 1, 1, 3),
    section(7, 1, ...text('read'), 0, 0),
    section(
      10,
      1,
      ...body(
        [0],
        ...[0x20, 0, 0x41, 7, 0x71, 0x2d, 0, 0, 0x20, 0, 0x41, 7, 0x71, 0x2d, 0x40, 1, 0, 0x6a],
        ...[0x41, 1, 0x40, 1, 0x6a, 0x3f, 0, 0x6a],
      ),
    ),
    section(11, 2, 0, 0x41, 1, 0x0b, ...text('first'), 2, 1, 0x41, 2, 0x0b, ...text('second')),
  );

// All kinds of element segments: functions and expressions; active in table 0 and 1, passive, declared.
const SEGMENTS = (): Uint8Array =>
  moduleOf(
    section(1, 2, 0x60, 1, 0x7f, 1, 0x7f, 0x60, 0, 1, 0x7f),
    section(3, 4, 0, 1, 1, 1),
    section(4, 2, 0x70, 0, 4, 0x70, 0, 4),
    section(7, 1, ...text('pick'), 0, 0),
    section(
      9,
      8,
      ...[0, 0x41, 0, 0x0b, 1, 1],
      ...[1, 0, 2, 2, 3],
      ...[2, 1, 0x41, 0, 0x0b, 0, 1, 2],
      ...[3, 0, 1, 3],
      ...[4, 0x41, 1, 0x0b, 1, 0xd2, 2, 0x0b],
      ...[5, 0x70, 2, 0xd2, 1, 0x0b, 0xd0, 0x70, 0x0b],
      ...[6, 1, 0x41, 1, 0x0b, 0x70, 1, 0xd2, 3, 0x0b],
      ...[7, 0x70, 1, 0xd2, 3, 0x0b],
    ),
    section(
      10,
      4,
      ...body(
        [0],
        ...[0x41, 2, 0x41, 0, 0x41, 2, 0xfc, 12, 1, 0, 0x41, 2, 0x41, 0, 0x41, 1, 0xfc, 12, 5, 1],
        ...[0x20, 0, 0x41, 4, 0x71, 0x04, 0x7f, 0x20, 0, 0x41, 3, 0x71, 0x11, 1, 1, 0x05],
        ...[0x20, 0, 0x41, 3, 0x71, 0x11, 1, 0, 0x0b],
      ),
      ...body([0], 0x41, 11),
      ...body([0], 0x41, 22),
      ...body([0], 0x41, 33),
    ),
  );

// Numbers that are written longer than they need to be, as linkers do that fill them in later.
const PADDED = (): Uint8Array =>
  moduleOf(
    section(1, 0x81, 0x80, 0x00, 0x60, 1, 0x7f, 0x81, 0x00, 0x7f),
    section(3, 2, 0x80, 0x00, 0),
    section(5, 1, 1, 0x81, 0x80, 0x00, 2),
    [0x06, 0x86, 0x80, 0x00, 1, 0x7f, 1, 0x41, 3, 0x0b],
    section(7, 1, 0x83, 0x00, 0x72, 0x75, 0x6e, 0, 0x81, 0x80, 0x80, 0x80, 0x00),
    section(
      10,
      2,
      ...[0x88, 0x80, 0x00, 0, 0x20, 0x80, 0x00, 0x41, 2, 0x6c, 0x0b],
      ...body(
        [0],
        0x20,
        0,
        0x10,
        0x80,
        0x80,
        0x80,
        0x80,
        0x00,
        0x41,
        0x80,
        0x00,
        0x28,
        0x82,
        0x00,
        0x80,
        0x00,
        0x6a,
      ),
    ),
  );

const C = `
  #define EXPORT(name) __attribute__((export_name(#name)))
  static unsigned char heap[4096];
  static int (*volatile choose)(int);
  static int triple(int x) { return x * 3; }
  static int negate(int x) { return -x; }
  EXPORT(hash) unsigned hash(unsigned seed) {
    unsigned sum = 2166136261u;
    for (unsigned i = 0; i < 300; i++) { heap[i & 4095] = (unsigned char)(seed >> (i & 24)); sum = (sum ^ heap[(i * 7) & 4095]) * 16777619u; }
    return sum;
  }
  EXPORT(pick) int pick(int x) { choose = x & 1 ? triple : negate; return choose(x); }
  EXPORT(grid) double grid(int n) {
    double total = 0;
    for (int i = 0; i < (n & 31); i++) for (int j = 0; j < 16; j++) total += (double)(i * j) / (1 + ((i ^ j) & 7));
    return total;
  }
  static int walk(int n, int depth) { return n <= 0 || depth > 12 ? depth : walk(n - 1, depth + 1) + walk(n - 3, depth + 1); }
  EXPORT(tree) int tree(int n) { return walk(n & 7, 0); }`;

const ASSEMBLY_SCRIPT = `
  class Node { constructor(public key: i32, public left: Node | null, public right: Node | null) {} }
  let root: Node | null = null;
  function insert(node: Node | null, key: i32): Node {
    if (node == null) return new Node(key, null, null);
    if (key < node.key) node.left = insert(node.left, key);
    else if (key > node.key) node.right = insert(node.right, key);
    return node;
  }
  function count(node: Node | null): i32 { return node == null ? 0 : 1 + count(node.left) + count(node.right); }
  export function add(key: i32): i32 { root = insert(root, key & 255); return count(root); }
  export function words(seed: i32): i32 {
    let text = "";
    for (let i = 0; i < (seed & 15); i++) text += String.fromCharCode(97 + ((seed >> i) & 15));
    return text.length * 1000 + text.indexOf("b");
  }
  export function sort(seed: i32): i32 {
    const values = new Array<i32>(20);
    for (let i = 0; i < 20; i++) { seed = seed * 1664525 + 1013904223; values[i] = seed >> 8; }
    values.sort((a, b) => a - b);
    return values[3] ^ values[17];
  }`;

/** The modules. */
export const CORPUS: readonly CorpusModule[] = [
  ...Object.entries(WAT).map(([name, source]) => ({ name, bytes: () => wat(`(module ${source})`) })),
  { name: 'casts and groups of types', bytes: async () => COLLECTED() },
  { name: 'typed function references', bytes: async () => REFERENCES() },
  { name: 'segments of data', bytes: async () => MEMORIES() },
  { name: 'segments of elements', bytes: async () => SEGMENTS() },
  { name: 'padded numbers', bytes: async () => PADDED() },
  { name: 'C', bytes: () => compileC({ name: 'corpus', sources: { 'corpus.c': C } }) },
  {
    name: 'C with the bulk operations of its library',
    bytes: () =>
      compileC({
        name: 'corpus-bulk',
        sources: {
          'corpus.c': `${C}\nEXPORT(clear) int clear(int n) { __builtin_memset(heap, n, (unsigned)n & 4095); return heap[0]; }`,
        },
        flags: ['-mbulk-memory', '-msimd128', '-O3'],
      }),
  },
  { name: 'AssemblyScript', bytes: () => compileAssemblyScript(ASSEMBLY_SCRIPT, { name: 'corpus' }) },
];
