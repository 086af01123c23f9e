#include "textflag.h"

// func enter(code, context, frame unsafe.Pointer, argument int64, stack unsafe.Pointer) int64
//
// A stitched function finds rsp at a multiple of 16. The anchor holds the address of the word to return by. What Go
// expects to find again, the code preserves, but for rbp where it leaves.
TEXT ·enter(SB), NOSPLIT|NOFRAME, $0-48
	MOVQ code+0(FP), AX
	MOVQ context+8(FP), DI
	MOVQ frame+16(FP), SI
	MOVQ argument+24(FP), DX
	MOVQ stack+32(FP), CX
	MOVQ SP, -16(CX)
	MOVQ BP, -8(CX)
	LEAQ -24(CX), SP
	LEAQ -8(SP), R10
	MOVQ R10, (DI)
	CALL AX
	MOVQ 16(SP), BP
	MOVQ 8(SP), SP
	MOVQ DX, ret+40(FP)
	RET
