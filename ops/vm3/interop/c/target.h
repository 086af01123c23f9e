/* What an architecture alone knows. */
#ifndef TARGET_H
#define TARGET_H

#include "vm3_table.h"
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Writes the bits of a mask into an instruction. */
static inline int put(uint8_t *to, uint32_t mask, uint32_t field) {
    uint32_t instruction;
    memcpy(&instruction, to, 4);
    instruction = (instruction & ~mask) | (field & mask);
    memcpy(to, &instruction, 4);
    return 1;
}

#if defined(__x86_64__)

static const uint8_t PROLOGUE[] = {0x55, 0x48, 0x89, 0xE5}; /* push rbp; mov rbp, rsp */
static const uint8_t JUMP[] = {0xE9, 0, 0, 0, 0};
enum { JUMP_HOLE = 1, JUMP_KIND = VM3_HOLE_LABEL_REL32, JUMP_ADDEND = -4 };

/* Writes a value that is in range, or a distance, into a hole. 0 when there is no way to. */
static int patch(uint8_t *to, uint8_t kind, int64_t number) {
    if (kind == VM3_HOLE_ABS64) return memcpy(to, &number, 8) != NULL;
    return (kind == VM3_HOLE_ABS32U || number == (int32_t)number) && put(to, UINT32_MAX, (uint32_t)number);
}

/* A stitched function finds rsp at a multiple of 16; the anchor holds the address of the word to return by. */
__asm__(".text\n.globl stitch_enter\nstitch_enter:\n"
        "push %rbp\nmov %rsp, %rbp\nsub $8, %rsp\n"
        "mov %rdi, %rax\nmov %rsi, %rdi\nmov %rdx, %rsi\nmov %rcx, %rdx\n"
        "lea -8(%rsp), %r10\nmov %r10, (%rdi)\ncall *%rax\n"
        "mov %rdx, %rax\nadd $8, %rsp\npop %rbp\nret\n");

#elif defined(__aarch64__)

static const uint8_t PROLOGUE[] = {0xFD, 0x7B, 0xBF, 0xA9, 0xFD, 0x03, 0, 0x91}; /* stp x29, x30, [sp, #-16]!; mov x29, sp */
static const uint8_t JUMP[] = {0, 0, 0, 0x14};
enum { JUMP_HOLE = 0, JUMP_KIND = VM3_HOLE_LABEL_BRANCH26, JUMP_ADDEND = 0 };

static int patch(uint8_t *to, uint8_t kind, int64_t number) {
    const uint32_t move = 0xFFFF << 5;
    uint64_t bits = (uint64_t)number;
    switch (kind) {
    case VM3_HOLE_MOV_G0: case VM3_HOLE_MOV_G0_PART: return put(to, move, bits << 5);
    case VM3_HOLE_MOV_G1: case VM3_HOLE_MOV_G1_PART: return put(to, move, bits >> 16 << 5);
    case VM3_HOLE_MOV_G2: case VM3_HOLE_MOV_G2_PART: return put(to, move, bits >> 32 << 5);
    case VM3_HOLE_MOV_G3: return put(to, move, bits >> 48 << 5);
    case VM3_HOLE_MOV_SIGNED_G1: /* movz, or movn for a negative number */
        return put(to, move | 1 << 30, number < 0 ? ~bits >> 16 << 5 & move : (bits >> 16 << 5 & move) | 1 << 30);
    case VM3_HOLE_OFFSET12_SCALED8: return number % 8 == 0 && put(to, 0xFFF << 10, bits / 8 << 10);
    case VM3_HOLE_LABEL_BRANCH26: case VM3_HOLE_CALLEE_BRANCH26:
        return number >> 27 == number >> 63 && put(to, 0x3FFFFFF, bits >> 2);
    case VM3_HOLE_LABEL_BRANCH19: return number >> 20 == number >> 63 && put(to, 0x7FFFF << 5, bits >> 2 << 5);
    default: return 0;
    }
}

/* The anchor holds the stack pointer, and the word there the address to return to. */
__asm__(".text\n.globl stitch_enter\nstitch_enter:\n"
        "stp x29, x30, [sp, #-32]!\nmov x29, sp\n"
        "adr x17, 1f\nstr x17, [sp, #-16]!\n"
        "mov x16, x0\nmov x0, x1\nmov x1, x2\nmov x2, x3\n"
        "mov x17, sp\nstr x17, [x0]\nblr x16\n1:\n"
        "mov x0, x2\nadd sp, sp, #16\nldp x29, x30, [sp], #32\nret\n");

#elif defined(__riscv) && __riscv_xlen == 64

static const uint8_t PROLOGUE[] = { /* addi sp, sp, -16; sd ra, 8(sp); sd s0, 0(sp); addi s0, sp, 16 */
    0x13, 0x01, 0x01, 0xFF, 0x23, 0x34, 0x11, 0x00, 0x23, 0x30, 0x81, 0x00, 0x13, 0x04, 0x01, 0x01};
static const uint8_t JUMP[] = {0x17, 0x03, 0, 0, 0x67, 0, 0x03, 0}; /* auipc t1, 0; jr t1 */
enum { JUMP_HOLE = 0, JUMP_KIND = VM3_HOLE_LABEL_PAIR, JUMP_ADDEND = 0 };

static int patch(uint8_t *to, uint8_t kind, int64_t number) {
    const uint32_t upper = 0xFFFFF000, lower = 0xFFF00000, low = (uint32_t)number;
    switch (kind) {
    case VM3_HOLE_ABS64: return memcpy(to, &number, 8) != NULL;
    case VM3_HOLE_HI20: case VM3_HOLE_HI20_WORD: return put(to, upper, low + 0x800);
    case VM3_HOLE_LO12_I: case VM3_HOLE_OFFSET12_I: return put(to, lower, low << 20);
    case VM3_HOLE_LO12_S: case VM3_HOLE_OFFSET12_S:
        return put(to, 0xFE000F80, (low & 0xFE0) << 20 | (low & 0x1F) << 7);
    case VM3_HOLE_LABEL_JUMP20:
        return number >> 20 == number >> 63 &&
               put(to, upper, (low & 0x100000) << 11 | (low & 0x7FE) << 20 | (low & 0x800) << 9 | (low & 0xFF000));
    case VM3_HOLE_LABEL_PAIR: case VM3_HOLE_CALLEE_PAIR:
        return number + 0x800 == (int32_t)(number + 0x800) && put(to, upper, low + 0x800) && put(to + 4, lower, low << 20);
    default: return 0;
    }
}

__asm__(".text\n.globl stitch_enter\nstitch_enter:\n"
        "addi sp, sp, -32\nsd ra, 24(sp)\nsd s0, 16(sp)\nlla t1, 1f\nsd t1, 0(sp)\n"
        "mv t0, a0\nmv a0, a1\nmv a1, a2\nmv a2, a3\nsd sp, 0(a0)\njalr t0\n1:\n"
        "mv a0, a2\nld ra, 24(sp)\nld s0, 16(sp)\naddi sp, sp, 32\nret\n");

#else
#error "there is no stitcher for this architecture; write patch and stitch_enter for it"
#endif

#endif
