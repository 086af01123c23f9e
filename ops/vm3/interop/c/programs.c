/* Two programs of vm3, compiled op by op from its stencil table: `programs fib 25`, `programs mandelbrot 40`. */

#include "stitch.h"
#include "vm3_table.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIB, DONE, ROW, POINT, STEP, POINT_DONE, ROW_DONE };

static void call_fib(assembler *a) {
    enum { FRAME = 2 * 8 };
    EMIT(a, CALL, integer(FRAME), word(FIB));
    EMIT(a, MOVE_FRAME, integer(-FRAME));
}

/* The n-th Fibonacci number by naive recursion; n and the result are in the first int register. */
static void fib(assembler *a) {
    value n = reg(0), saved = slot(0), first = slot(1);
    stitch_bind(a, FIB);
    stitch_prologue(a);
    EMIT(a, JUMP_LT_I64, n, integer(2), word(DONE));
    EMIT(a, MOVE_INTS, saved, n);
    EMIT(a, ADD_I64, n, n, integer(-1));
    call_fib(a);
    EMIT(a, MOVE_INTS, first, n);
    EMIT(a, MOVE_INTS, n, saved);
    EMIT(a, ADD_I64, n, n, integer(-2));
    call_fib(a);
    EMIT(a, ADD_I64, n, n, first);
    stitch_bind(a, DONE);
    stitch_op(a, VM3_OP_RET, 0, NULL);
}

/* `to = -shift + 2 * scale * index / n`, by way of `other`. */
static void coordinate(assembler *a, value to, value other, value index, value n, double scale, double shift) {
    EMIT(a, I64_TO_F64, to, index);
    EMIT(a, I64_TO_F64, other, n);
    EMIT(a, DIV_F64, to, to, other);
    EMIT(a, MOVE_FLOATS, other, real(scale));
    EMIT(a, MUL_F64, to, to, other);
    EMIT(a, MOVE_FLOATS, other, real(shift));
    EMIT(a, SUB_F64, to, to, other);
}

/* The iterations, at most 50 each, of n times n points around the Mandelbrot set. */
static void mandelbrot(assembler *a) {
    value n = reg(0), column = reg(1), iteration = reg(2), row = reg(3), sum = slot(0);
    /* The host's function takes its operands in the first three float registers. */
    value doubled = reg(0), im = reg(1), row_im = reg(2), re = reg(3);
    value column_re = reg(4), re2 = reg(5), im2 = reg(6), limit = reg(7);
    stitch_prologue(a);
    EMIT(a, MOVE_INTS, sum, integer(0));
    EMIT(a, MOVE_INTS, row, integer(0));
    EMIT(a, MOVE_FLOATS, limit, real(4.0));
    stitch_bind(a, ROW);
    EMIT(a, JUMP_GE_I64, row, n, word(DONE));
    coordinate(a, row_im, re, row, n, 2.0, 1.0);
    EMIT(a, MOVE_INTS, column, integer(0));
    stitch_bind(a, POINT);
    EMIT(a, JUMP_GE_I64, column, n, word(ROW_DONE));
    coordinate(a, column_re, re, column, n, 3.0, 2.0);
    EMIT(a, MOVE_FLOATS, re, real(0.0));
    EMIT(a, MOVE_FLOATS, im, real(0.0));
    EMIT(a, MOVE_INTS, iteration, integer(0));
    stitch_bind(a, STEP);
    EMIT(a, JUMP_GE_I64, iteration, integer(50), word(POINT_DONE));
    EMIT(a, MUL_F64, re2, re, re);
    EMIT(a, MUL_F64, im2, im, im);
    EMIT(a, ADD_F64, doubled, re2, im2);
    EMIT(a, JUMP_GT_F64, doubled, limit, word(POINT_DONE));
    EMIT(a, ADD_F64, doubled, re, re);
    EMIT(a, FMA_F64, im, doubled, im, row_im, word((uint64_t)(uintptr_t)(double (*)(double, double, double))fma));
    EMIT(a, SUB_F64, doubled, re2, im2);
    EMIT(a, ADD_F64, re, doubled, column_re);
    EMIT(a, ADD_I64, iteration, iteration, integer(1));
    stitch_jump(a, STEP);
    stitch_bind(a, POINT_DONE);
    EMIT(a, ADD_I64, sum, sum, iteration);
    EMIT(a, ADD_I64, column, column, integer(1));
    stitch_jump(a, POINT);
    stitch_bind(a, ROW_DONE);
    EMIT(a, ADD_I64, row, row, integer(1));
    stitch_jump(a, ROW);
    stitch_bind(a, DONE);
    EMIT(a, MOVE_INTS, n, sum);
    stitch_op(a, VM3_OP_RET, 0, NULL);
}

int main(int argc, char **argv) {
    static uint64_t context[64], frames[1 << 16];
    static assembler code;
    if (argc != 3 || (strcmp(argv[1], "fib") && strcmp(argv[1], "mandelbrot"))) {
        fprintf(stderr, "say what to run: `fib N` or `mandelbrot N`\n");
        return 2;
    }
    (strcmp(argv[1], "fib") ? mandelbrot : fib)(&code);
    const void *entry = stitch_publish(&code);
    if (!entry) {
        fprintf(stderr, "error: %s\n", code.error);
        return 1;
    }
    printf("%lld\n", (long long)stitch_enter(entry, context, frames, atoll(argv[2])));
    return 0;
}
