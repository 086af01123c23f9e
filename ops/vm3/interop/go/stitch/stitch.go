// Package stitch compiles from one stencil table: it copies stencils and patches them.
package stitch

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"syscall"
	"unsafe"

	"vm3interop/vm3"
)

// The indices of the steps of places that are no registers.
const (
	placeSlot = 16 + iota
	placeSmall
	placeNegative
	placeWide
	placeNone
)

const absent = 0xFFFF

// Value is a value of an op: where a result or operand is, or what is patched in.
type Value struct {
	place uint32
	bits  uint64
}

// Reg is a register of the operand's bank.
func Reg(number uint32) Value { return Value{min(number, 15), 0} }

// Slot is a slot of the frame.
func Slot(number uint32) Value { return Value{placeSlot, 8 * uint64(number)} }

// Word is what a hole takes, or a label.
func Word(bits uint64) Value { return Value{placeNone, bits} }

// Int is a literal.
func Int(literal int64) Value {
	switch literal >> 30 {
	case 0:
		return Value{placeSmall, uint64(literal)}
	case -1:
		return Value{placeNegative, uint64(literal)}
	}
	return Value{placeWide, uint64(literal)}
}

// Float is a literal.
func Float(literal float64) Value { return Int(int64(math.Float64bits(literal))) }

// fixup is a place that waits for a label or for the pool.
type fixup struct {
	at     int
	kind   uint8
	pool   bool
	label  uint64
	addend int32
}

// Assembler stitches code. Its zero value has none.
type Assembler struct {
	code   []byte
	labels map[uint64]int
	fixups []fixup
	err    error
}

// Prologue starts a function.
func (a *Assembler) Prologue() { a.code = append(a.code, prologue...) }

// Jump goes on at a label.
func (a *Assembler) Jump(label uint64) {
	a.fixups = append(a.fixups, fixup{len(a.code) + jumpHole, jumpKind, false, label, jumpAddend})
	a.code = append(a.code, jump...)
}

// Bind says that a label is here.
func (a *Assembler) Bind(label uint64) {
	if a.labels == nil {
		a.labels = map[uint64]int{}
	}
	if _, bound := a.labels[label]; bound {
		a.fail(fmt.Errorf("label %d is bound twice", label))
	}
	a.labels[label] = len(a.code)
}

func (a *Assembler) fail(err error) {
	if a.err == nil {
		a.err = err
	}
}

var kinds = func() (kinds [256]vm3.Kind) {
	for _, kind := range vm3.Kinds {
		kinds[kind.Number] = kind
	}
	return
}()

// Op appends an op of the table: its results, operands and other values, in this order.
func (a *Assembler) Op(op uint32, values ...Value) {
	record := vm3.Ops[op]
	if len(values) != int(record.Values) {
		a.fail(fmt.Errorf("`%s` takes %d values; it was given %d", record.Name, record.Values, len(values)))
		return
	}
	number := uint64(record.First)
	for i, axis := range vm3.Axes[record.Axes:][:record.AxisCount] {
		if values[i].place >= placeNone {
			a.fail(fmt.Errorf("value %d of `%s` is in no place", i, record.Name))
			return
		}
		number += uint64(axis.Steps[values[i].place])
	}
	if number >= uint64(record.First+record.Variants) || vm3.Stencils[number].Len == absent {
		a.fail(fmt.Errorf("`%s` has no stencil for these places; move a value before", record.Name))
		return
	}
	stencil, start := vm3.Stencils[number], len(a.code)
	a.code = append(a.code, vm3.Code[stencil.Code:][:stencil.Len]...)
	for i, hole := range vm3.Holes[stencil.Holes:][:stencil.Values+stencil.Places] {
		kind, at := kinds[hole.Kind], start+int(hole.Offset)
		if i >= int(stencil.Values) {
			pool := kind.Takes == "pool"
			wait := fixup{at: at, kind: hole.Kind, pool: pool, addend: hole.Addend}
			if !pool {
				wait.label = values[hole.Value].bits
			}
			a.fixups = append(a.fixups, wait)
			continue
		}
		bits := int64(values[hole.Value].bits) + int64(hole.Addend)
		if bits < kind.Low || bits > kind.High || !patch(a.code[at:], hole.Kind, bits) {
			a.fail(fmt.Errorf("value %d of `%s` does not fit its hole (%s)", hole.Value, record.Name, kind.Name))
			return
		}
	}
}

// Code is executable code, for good.
type Code struct{ memory []byte }

// Publish makes the code executable.
func (a *Assembler) Publish() (Code, error) {
	pool := (len(a.code) + 15) / 16 * 16
	for _, wait := range a.fixups {
		to, bound := a.labels[wait.label]
		if wait.pool {
			to, bound = pool, true
		}
		if !bound {
			a.fail(fmt.Errorf("label %d is bound nowhere", wait.label))
		} else if !patch(a.code[wait.at:], wait.kind, int64(to-wait.at)+int64(wait.addend)) {
			a.fail(fmt.Errorf("a place is out of reach (%s)", kinds[wait.kind].Name))
		}
	}
	if a.err != nil {
		return Code{}, a.err
	}
	memory, err := syscall.Mmap(-1, 0, pool+len(vm3.Pool), syscall.PROT_READ|syscall.PROT_WRITE,
		syscall.MAP_PRIVATE|syscall.MAP_ANON)
	if err != nil {
		return Code{}, err
	}
	copy(memory, a.code)
	copy(memory[pool:], vm3.Pool)
	flush(memory)
	return Code{memory}, syscall.Mprotect(memory, syscall.PROT_READ|syscall.PROT_EXEC)
}

// stack is what stitched code runs on, since it does not ask Go for more.
const stack = 1 << 20

// Run runs the code, which starts with a prologue: the argument is in the first int register, what is there afterwards is
// returned. There is room for as many frames as the words say.
func (c Code) Run(argument int64, frames int) (int64, error) {
	native, err := syscall.Mmap(-1, 0, stack, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON)
	if err != nil {
		return 0, err
	}
	if len(c.memory) == 0 || frames < 1 {
		return 0, errors.New("there is no code, or no frame")
	}
	context, words := make([]uint64, 64), make([]uint64, frames)
	top := unsafe.Add(unsafe.Pointer(&native[0]), stack)
	result := enter(unsafe.Pointer(&c.memory[0]), unsafe.Pointer(&context[0]), unsafe.Pointer(&words[0]), argument, top)
	return result, syscall.Munmap(native)
}

// enter runs code on the stack that ends at `stack`.
//
//go:noescape
func enter(code, context, frame unsafe.Pointer, argument int64, stack unsafe.Pointer) int64

// put writes the bits of a mask into an instruction.
func put(to []byte, mask, field uint32) bool {
	binary.LittleEndian.PutUint32(to, binary.LittleEndian.Uint32(to)&^mask|field&mask)
	return true
}
