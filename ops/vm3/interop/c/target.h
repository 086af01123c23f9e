/* What an architecture alone knows. */
#ifndef TARGET_H
#define TARGET_H

#include "vm3_table.h"
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)

static const uint8_t PROLOGUE[] = {0x55, 0x48, 0x89, 0xE5}; /* push rbp; mov rbp, rsp */
static const uint8_t JUMP[] = {0xE9, 0, 0, 0, 0};
enum { JUMP_HOLE = 1, JUMP_KIND = VM3_HOLE_LABEL_REL32, JUMP_ADDEND = -4 };

/* Writes a value that is in range, or a distance, into a hole. 0 when there is no way to. */
static int patch(uint8_t *to, uint8_t kind, int64_t number) {
    if (kind != VM3_HOLE_ABS64 && kind != VM3_HOLE_ABS32U && number != (int32_t)number) return 0;
    memcpy(to, &number, kind == VM3_HOLE_ABS64 ? 8 : 4);
    return 1;
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
    uint32_t instruction, mask = 0xFFFF << 5, field;
    uint64_t bits = (uint64_t)number;
    switch (kind) {
    case VM3_HOLE_MOV_G0: case VM3_HOLE_MOV_G0_PART: field = bits << 5; break;
    case VM3_HOLE_MOV_G1: case VM3_HOLE_MOV_G1_PART: field = bits >> 16 << 5; break;
    case VM3_HOLE_MOV_G2: case VM3_HOLE_MOV_G2_PART: field = bits >> 32 << 5; break;
    case VM3_HOLE_MOV_G3: field = bits >> 48 << 5; break;
    case VM3_HOLE_OFFSET12_SCALED8: mask = 0xFFF << 10; field = bits / 8 << 10; break;
    case VM3_HOLE_LABEL_BRANCH26: case VM3_HOLE_CALLEE_BRANCH26:
        if (number < -(1 << 27) || number >= 1 << 27) return 0;
        mask = 0x3FFFFFF; field = bits >> 2; break;
    case VM3_HOLE_LABEL_BRANCH19:
        if (number < -(1 << 20) || number >= 1 << 20) return 0;
        mask = 0x7FFFF << 5; field = bits >> 2 << 5; break;
    default: return 0;
    }
    memcpy(&instruction, to, 4);
    instruction = (instruction & ~mask) | (field & mask);
    memcpy(to, &instruction, 4);
    return 1;
}

/* The anchor holds the stack pointer, and the word there the address to return to. */
__asm__(".text\n.globl stitch_enter\nstitch_enter:\n"
        "stp x29, x30, [sp, #-32]!\nmov x29, sp\n"
        "adr x17, 1f\nstr x17, [sp, #-16]!\n"
        "mov x16, x0\nmov x0, x1\nmov x1, x2\nmov x2, x3\n"
        "mov x17, sp\nstr x17, [x0]\nblr x16\n1:\n"
        "mov x0, x2\nadd sp, sp, #16\nldp x29, x30, [sp], #32\nret\n");

#else
#error "there is no stitcher for this architecture; write patch and stitch_enter for it"
#endif

#endif
