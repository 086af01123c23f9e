/* Find the stencil, copy it, patch it. */

#define _DEFAULT_SOURCE
#include "stitch.h"
#include "target.h"
#include "vm3_table.h"
#include <stdlib.h>
#include <sys/mman.h>

enum { ABSENT = 0xFFFF, POOL = UINT32_MAX };

value reg(uint32_t number) { return (value){number < 15 ? number : 15, 0}; }
value slot(uint32_t number) { return (value){PLACE_SLOT, 8 * (uint64_t)number}; }
value word(uint64_t bits) { return (value){PLACE_NONE, bits}; }

static value literal(int64_t bits) {
    int64_t high = bits >> 30;
    return (value){high == 0 ? PLACE_SMALL : high == -1 ? PLACE_NEGATIVE : PLACE_WIDE, (uint64_t)bits};
}

value integer(int64_t number) { return literal(number); }

value real(double number) {
    int64_t bits;
    memcpy(&bits, &number, sizeof bits);
    return literal(bits);
}

/* Keeps the first error. */
static void fail(assembler *a, const char *error) {
    if (!a->error) a->error = error;
}

static uint8_t *append(assembler *a, const uint8_t *bytes, size_t len) {
    if (a->capacity - a->len < len) {
        size_t capacity = 2 * a->capacity + len + 4096;
        uint8_t *code = realloc(a->code, capacity);
        if (!code) {
            fail(a, "there is no memory for the code");
            return NULL;
        }
        a->code = code;
        a->capacity = capacity;
    }
    memcpy(a->code + a->len, bytes, len);
    a->len += len;
    return a->code + a->len - len;
}

static void wait_for(assembler *a, size_t at, uint8_t kind, uint32_t label, int32_t addend) {
    if (label != POOL && label >= MAX_LABELS) return fail(a, "there are too many labels");
    if (a->fixup_count == MAX_FIXUPS) return fail(a, "there are too many branches");
    a->fixups[a->fixup_count++] = (fixup){at, kind, label, addend};
}

void stitch_prologue(assembler *a) { append(a, PROLOGUE, sizeof PROLOGUE); }

void stitch_jump(assembler *a, uint32_t label) {
    size_t at = a->len + JUMP_HOLE;
    if (append(a, JUMP, sizeof JUMP)) wait_for(a, at, JUMP_KIND, label, JUMP_ADDEND);
}

void stitch_bind(assembler *a, uint32_t label) {
    if (label >= MAX_LABELS || a->labels[label]) return fail(a, "a label is bound twice, or there are too many");
    a->labels[label] = (int64_t)a->len + 1;
}

static const vm3_kind *kind_of(uint8_t number) {
    for (size_t i = 0; i < VM3_KINDS_LEN; i++)
        if (vm3_kinds[i].number == number) return &vm3_kinds[i];
    return NULL;
}

void stitch_op(assembler *a, uint32_t op, size_t count, const value *values) {
    const vm3_op *record = &vm3_ops[op];
    if (op >= VM3_OPS_LEN || count != record->values) return fail(a, "an op has another number of values");
    uint64_t number = record->first;
    for (size_t i = 0; i < record->axis_count; i++) {
        if (values[i].place >= PLACE_NONE) return fail(a, "a result or operand is in no place");
        number += vm3_axes[record->axes + i].steps[values[i].place];
    }
    if (number >= (uint64_t)record->first + record->variants || vm3_stencils[number].len == ABSENT)
        return fail(a, "an op has no stencil for these places; move a value before");
    const vm3_stencil *stencil = &vm3_stencils[number];
    size_t start = a->len;
    uint8_t *to = append(a, vm3_code + stencil->code, stencil->len);
    if (!to) return;
    const vm3_hole *hole = vm3_holes + stencil->holes;
    for (size_t i = 0; i < stencil->values; i++, hole++) {
        const vm3_kind *kind = kind_of(hole->kind);
        int64_t bits = (int64_t)(values[hole->value].bits + (uint64_t)(int64_t)hole->addend);
        if (!kind || bits < kind->low || bits > kind->high) return fail(a, "a value does not fit its hole");
        if (!patch(to + hole->offset, hole->kind, bits)) return fail(a, "a kind of hole is not supported");
    }
    for (size_t i = 0; i < stencil->places; i++, hole++) {
        const vm3_kind *kind = kind_of(hole->kind);
        int pool = kind && strcmp(kind->takes, "pool") == 0;
        uint32_t label = pool ? POOL : (uint32_t)values[hole->value].bits;
        wait_for(a, start + hole->offset, hole->kind, label, hole->addend);
    }
}

const void *stitch_publish(assembler *a) {
    size_t pool = (a->len + 15) / 16 * 16, size = pool + VM3_POOL_LEN;
    uint8_t *code = NULL;
    if (!a->error) {
        code = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (code == MAP_FAILED) fail(a, "there is no memory for executable code");
    }
    for (size_t i = 0; i < a->fixup_count && !a->error; i++) {
        const fixup *f = &a->fixups[i];
        int64_t to = f->label == POOL ? (int64_t)pool : a->labels[f->label] - 1;
        if (to < 0) fail(a, "a label is bound nowhere");
        else if (!patch(a->code + f->at, f->kind, to - (int64_t)f->at + f->addend))
            fail(a, "a label is out of reach, or a kind of hole is not supported");
    }
    if (a->error) return NULL;
    memcpy(code, a->code, a->len);
    memcpy(code + pool, vm3_pool, VM3_POOL_LEN);
    if (mprotect(code, size, PROT_READ | PROT_EXEC) != 0) {
        fail(a, "the system does not let code be executed");
        return NULL;
    }
    __builtin___clear_cache((char *)code, (char *)code + size);
    free(a->code);
    a->code = NULL;
    return code;
}
