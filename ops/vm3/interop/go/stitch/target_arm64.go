package stitch

import (
	"unsafe"

	"vm3interop/vm3"
)

// stp x29, x30, [sp, #-16]!; mov x29, sp
var prologue = []byte{0xFD, 0x7B, 0xBF, 0xA9, 0xFD, 0x03, 0, 0x91}

var jump = []byte{0, 0, 0, 0x14}

const (
	jumpHole   = 0
	jumpKind   = vm3.HoleLabelBranch26
	jumpAddend = 0
)

// patch writes a value that is in range, or a distance, into a hole. False when it does not fit, or the kind is none that
// is supported.
func patch(to []byte, kind uint8, number int64) bool {
	bits := uint64(number)
	switch kind {
	case vm3.HoleMovG0, vm3.HoleMovG0Part:
		return put(to, 0xFFFF<<5, uint32(bits)<<5)
	case vm3.HoleMovG1, vm3.HoleMovG1Part:
		return put(to, 0xFFFF<<5, uint32(bits>>16)<<5)
	case vm3.HoleMovG2, vm3.HoleMovG2Part:
		return put(to, 0xFFFF<<5, uint32(bits>>32)<<5)
	case vm3.HoleMovG3:
		return put(to, 0xFFFF<<5, uint32(bits>>48)<<5)
	case vm3.HoleMovSignedG1: // movz, or movn for a negative number
		if number < 0 {
			return put(to, 0xFFFF<<5|1<<30, uint32(^bits>>16)<<5&(0xFFFF<<5))
		}
		return put(to, 0xFFFF<<5|1<<30, uint32(bits>>16)<<5&(0xFFFF<<5)|1<<30)
	case vm3.HoleOffset12Scaled8:
		return number%8 == 0 && put(to, 0xFFF<<10, uint32(bits/8)<<10)
	case vm3.HoleLabelBranch26, vm3.HoleCalleeBranch26:
		return number>>27 == number>>63 && put(to, 0x3FFFFFF, uint32(bits>>2))
	case vm3.HoleLabelBranch19:
		return number>>20 == number>>63 && put(to, 0x7FFFF<<5, uint32(bits>>2)<<5)
	}
	return false
}

// flush has the processor fetch what was written.
func flush(memory []byte) {
	invalidate(unsafe.Pointer(&memory[0]), unsafe.Add(unsafe.Pointer(&memory[0]), len(memory)))
}

//go:noescape
func invalidate(start, end unsafe.Pointer)
