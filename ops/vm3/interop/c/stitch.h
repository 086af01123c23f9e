/* A stitcher for one stencil table: copies stencils and patches them. What goes wrong is kept, and publishing says it. */
#ifndef STITCH_H
#define STITCH_H

#include <stddef.h>
#include <stdint.h>

/* A value of an op: where a result or operand is, or what is patched in. */
typedef struct {
    uint32_t place; /* the index of a step, or PLACE_NONE */
    uint64_t bits;  /* the slot's offset in bytes, the literal, the number of a label, or what a hole takes */
} value;

enum { PLACE_SLOT = 16, PLACE_SMALL, PLACE_NEGATIVE, PLACE_WIDE, PLACE_NONE, MAX_LABELS = 64, MAX_FIXUPS = 256 };

value reg(uint32_t number);
value slot(uint32_t number);
value integer(int64_t literal);
value real(double literal);
value word(uint64_t bits); /* a hole's value, or a label's number */

/* A place that waits for a label or for the pool. */
typedef struct {
    size_t at;
    uint8_t kind;
    uint32_t label;
    int32_t addend;
} fixup;

/* Code that is being stitched. All zeros is an empty one. */
typedef struct {
    uint8_t *code;
    size_t len, capacity;
    int64_t labels[MAX_LABELS]; /* one more than the offset; 0 while nothing is bound */
    fixup fixups[MAX_FIXUPS];
    size_t fixup_count;
    const char *error; /* the first thing that went wrong */
} assembler;

void stitch_prologue(assembler *a);
void stitch_jump(assembler *a, uint32_t label);
void stitch_bind(assembler *a, uint32_t label);
void stitch_op(assembler *a, uint32_t op, size_t count, const value *values);

/* Appends an op of the table by its name in capitals. */
#define EMIT(a, name, ...)                                                                                                \
    do {                                                                                                                  \
        const value values[] = {__VA_ARGS__};                                                                             \
        stitch_op(a, VM3_OP_##name, sizeof values / sizeof *values, values);                                              \
    } while (0)

/* Makes the code executable, for good. NULL when something went wrong: then `error` says what. */
const void *stitch_publish(assembler *a);

/* Runs code that starts with a prologue: `argument` is in the first int register, what is there afterwards is returned.
   `context` has room for an anchor, `frame` for all frames of the run. */
int64_t stitch_enter(const void *code, uint64_t *context, uint64_t *frame, int64_t argument);

#endif
