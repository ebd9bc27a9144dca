;; Transposes a row-major float32 matrix: dst[column * rows + row] = src[row * columns + column].
;; Four by four values at a time in SIMD registers; sixteen rows at a time, so that what is written fills
;; whole cache lines and what is read is still cached for the next columns.
(module
  (import "env" "memory" (memory 1 65536 shared))
  (func (export "transpose") (param $src i32) (param $dst i32) (param $rows i32) (param $columns i32)
    (local $srcStride i32) (local $dstStride i32) (local $rows4 i32) (local $columns4 i32)
    (local $tile i32) (local $tileEnd i32) (local $row i32) (local $column i32) (local $from i32) (local $to i32)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local $ab v128) (local $cd v128)
    (local.set $srcStride (i32.shl (local.get $columns) (i32.const 2)))
    (local.set $dstStride (i32.shl (local.get $rows) (i32.const 2)))
    (local.set $rows4 (i32.and (local.get $rows) (i32.const -4)))
    (local.set $columns4 (i32.and (local.get $columns) (i32.const -4)))

    (block $tilesDone (loop $tiles
      (br_if $tilesDone (i32.ge_u (local.get $tile) (local.get $rows4)))
      (local.set $tileEnd (i32.add (local.get $tile) (i32.const 16)))
      (if (i32.gt_u (local.get $tileEnd) (local.get $rows4)) (then (local.set $tileEnd (local.get $rows4))))
      (local.set $column (i32.const 0))
      (block $columnsDone (loop $columns
        (br_if $columnsDone (i32.ge_u (local.get $column) (local.get $columns4)))
        (local.set $row (local.get $tile))
        (local.set $from (i32.add (local.get $src)
          (i32.add (i32.mul (local.get $row) (local.get $srcStride)) (i32.shl (local.get $column) (i32.const 2)))))
        (local.set $to (i32.add (local.get $dst)
          (i32.add (i32.mul (local.get $column) (local.get $dstStride)) (i32.shl (local.get $row) (i32.const 2)))))
        (loop $block
          (local.set $a (v128.load (local.get $from)))
          (local.set $b (v128.load (local.tee $from (i32.add (local.get $from) (local.get $srcStride)))))
          (local.set $c (v128.load (local.tee $from (i32.add (local.get $from) (local.get $srcStride)))))
          (local.set $d (v128.load (local.tee $from (i32.add (local.get $from) (local.get $srcStride)))))
          (local.set $from (i32.add (local.get $from) (local.get $srcStride)))
          ;; a0 b0 a1 b1 and c0 d0 c1 d1 give columns 0 and 1
          (local.set $ab (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $a) (local.get $b)))
          (local.set $cd (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $c) (local.get $d)))
          (v128.store (local.get $to)
            (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $ab) (local.get $cd)))
          (v128.store (i32.add (local.get $to) (local.get $dstStride))
            (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $ab) (local.get $cd)))
          (local.set $ab (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $a) (local.get $b)))
          (local.set $cd (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $c) (local.get $d)))
          (v128.store (i32.add (local.get $to) (i32.shl (local.get $dstStride) (i32.const 1)))
            (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $ab) (local.get $cd)))
          (v128.store (i32.add (local.get $to) (i32.mul (local.get $dstStride) (i32.const 3)))
            (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $ab) (local.get $cd)))
          (local.set $to (i32.add (local.get $to) (i32.const 16)))
          (br_if $block (i32.lt_u (local.tee $row (i32.add (local.get $row) (i32.const 4))) (local.get $tileEnd))))
        (local.set $column (i32.add (local.get $column) (i32.const 4)))
        (br $columns)))
      (local.set $tile (local.get $tileEnd))
      (br $tiles)))

    ;; What fours leave over: the last columns of every row, and all of the last rows.
    (local.set $row (i32.const 0))
    (block $restDone (loop $rest
      (br_if $restDone (i32.ge_u (local.get $row) (local.get $rows)))
      (local.set $column (select (local.get $columns4) (i32.const 0) (i32.lt_u (local.get $row) (local.get $rows4))))
      (block $rowDone (loop $values
        (br_if $rowDone (i32.ge_u (local.get $column) (local.get $columns)))
        (f32.store
          (i32.add (local.get $dst) (i32.add (i32.mul (local.get $column) (local.get $dstStride)) (i32.shl (local.get $row) (i32.const 2))))
          (f32.load (i32.add (local.get $src) (i32.add (i32.mul (local.get $row) (local.get $srcStride)) (i32.shl (local.get $column) (i32.const 2))))))
        (local.set $column (i32.add (local.get $column) (i32.const 1)))
        (br $values)))
      (local.set $row (i32.add (local.get $row) (i32.const 1)))
      (br $rest)))))
