package stitch

import (
	"encoding/binary"

	"vm3interop/vm3"
)

// push rbp; mov rbp, rsp
var prologue = []byte{0x55, 0x48, 0x89, 0xE5}

var jump = []byte{0xE9, 0, 0, 0, 0}

const (
	jumpHole   = 1
	jumpKind   = vm3.HoleLabelRel32
	jumpAddend = -4
)

// patch writes a value that is in range, or a distance, into a hole. False when it does not fit.
func patch(to []byte, kind uint8, number int64) bool {
	if kind == vm3.HoleAbs64 {
		binary.LittleEndian.PutUint64(to, uint64(number))
		return true
	}
	return (kind == vm3.HoleAbs32u || number == int64(int32(number))) && put(to, 0xFFFFFFFF, uint32(number))
}

// flush has nothing to do: the processor sees what was written.
func flush([]byte) {}
