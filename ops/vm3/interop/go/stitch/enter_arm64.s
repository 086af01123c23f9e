#include "textflag.h"

// func enter(code, context, frame unsafe.Pointer, argument int64, stack unsafe.Pointer) int64
//
// The anchor holds the stack pointer, and the word there is the address to return to. x19 to x28, Go's among them, are
// preserved by the code; x29 and x30 wait on the new stack.
TEXT ·enter(SB), NOSPLIT|NOFRAME, $0-48
	MOVD code+0(FP), R16
	MOVD context+8(FP), R0
	MOVD frame+16(FP), R1
	MOVD argument+24(FP), R2
	MOVD stack+32(FP), R9
	MOVD RSP, R10
	STP  (R29, R30), -16(R9)
	MOVD R10, -24(R9)
	SUB  $48, R9, R9
	MOVD R9, RSP
	ADR  back, R11
	MOVD R11, (R9)
	MOVD R9, (R0)
	CALL (R16)
back:
	LDP  32(RSP), (R29, R30)
	MOVD 24(RSP), R10
	MOVD R10, RSP
	MOVD R2, ret+40(FP)
	RET

// func invalidate(start, end unsafe.Pointer)
//
// By lines of 4 bytes, which is never longer than the processor's.
TEXT ·invalidate(SB), NOSPLIT|NOFRAME, $0-16
	MOVD start+0(FP), R0
	MOVD end+8(FP), R1
	MOVD R0, R2
clean:
	WORD $0xD50B7B22 // dc cvau, x2
	ADD  $4, R2
	CMP  R1, R2
	BLO  clean
	DSB  $11
	MOVD R0, R2
drop:
	WORD $0xD50B7522 // ic ivau, x2
	ADD  $4, R2
	CMP  R1, R2
	BLO  drop
	DSB  $11
	ISB  $15
	RET
