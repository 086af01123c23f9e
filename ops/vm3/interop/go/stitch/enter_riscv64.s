#include "textflag.h"

// func enter(code, context, frame unsafe.Pointer, argument int64, stack unsafe.Pointer) int64
//
// The anchor holds the stack pointer, and the word there is the address to return to. The instructions that make it have
// lengths of their own here, which the assembler must not choose. s2 to s11, Go's among them, are preserved by the code.
TEXT ·enter(SB), NOSPLIT|NOFRAME, $0-48
	MOV code+0(FP), X5
	MOV context+8(FP), X10
	MOV frame+16(FP), X11
	MOV argument+24(FP), X12
	MOV stack+32(FP), X6
	MOV X2, -24(X6)
	MOV X1, -16(X6)
	MOV X8, -8(X6)
	ADD $-48, X6, X2
	WORD $0x00000397 // auipc t2, 0
	WORD $0x01438393 // addi t2, t2, 20
	WORD $0x00713023 // sd t2, 0(sp)
	WORD $0x00253023 // sd sp, 0(a0)
	WORD $0x000280E7 // jalr t0
	MOV 40(X2), X8
	MOV 32(X2), X1
	MOV 24(X2), X2
	MOV X12, ret+40(FP)
	RET
