package stitch

import (
	"encoding/binary"
	"syscall"
	"unsafe"

	"vm3interop/vm3"
)

// addi sp, sp, -16; sd ra, 8(sp); sd s0, 0(sp); addi s0, sp, 16
var prologue = []byte{
	0x13, 0x01, 0x01, 0xFF, 0x23, 0x34, 0x11, 0x00, 0x23, 0x30, 0x81, 0x00, 0x13, 0x04, 0x01, 0x01,
}

// auipc t1, 0; jr t1
var jump = []byte{0x17, 0x03, 0, 0, 0x67, 0, 0x03, 0}

const (
	jumpHole   = 0
	jumpKind   = vm3.HoleLabelPair
	jumpAddend = 0
	upper      = 0xFFFFF000
	lower      = 0xFFF00000
)

// patch writes a value that is in range, or a distance, into a hole. False when it does not fit, or the kind is none that
// is supported.
func patch(to []byte, kind uint8, number int64) bool {
	low := uint32(number)
	switch kind {
	case vm3.HoleAbs64:
		binary.LittleEndian.PutUint64(to, uint64(number))
		return true
	case vm3.HoleHi20, vm3.HoleHi20Word:
		return put(to, upper, low+0x800)
	case vm3.HoleLo12I, vm3.HoleOffset12I:
		return put(to, lower, low<<20)
	case vm3.HoleLo12S, vm3.HoleOffset12S:
		return put(to, 0xFE000F80, low&0xFE0<<20|low&0x1F<<7)
	case vm3.HoleLabelJump20:
		field := low&0x100000<<11 | low&0x7FE<<20 | low&0x800<<9 | low&0xFF000
		return number>>20 == number>>63 && put(to, upper, field)
	case vm3.HoleLabelPair, vm3.HoleCalleePair:
		fits := number+0x800 == int64(int32(number+0x800))
		return fits && put(to, upper, low+0x800) && put(to[4:], lower, low<<20)
	}
	return false
}

// flush has every processor fetch what was written.
func flush(memory []byte) {
	const riscvFlushIcache = 259
	start := uintptr(unsafe.Pointer(&memory[0]))
	syscall.Syscall(riscvFlushIcache, start, start+uintptr(len(memory)), 0)
}
