// Two programs of vm3, compiled op by op from its stencil table: `programs fib 25`, `programs mandelbrot 40`.
package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"

	. "vm3interop/stitch"
	"vm3interop/vm3"
)

const (
	fibLabel = iota
	done
	row
	point
	step
	pointDone
	rowDone
)

// fib is the n-th Fibonacci number by naive recursion; n and the result are in the first int register.
func fib(a *Assembler) {
	n, saved, first := Reg(0), Slot(0), Slot(1)
	call := func() {
		const frame = 2 * 8
		a.Op(vm3.OpCall, Int(frame), Word(fibLabel))
		a.Op(vm3.OpMoveFrame, Int(-frame))
	}
	a.Bind(fibLabel)
	a.Prologue()
	a.Op(vm3.OpJumpLtI64, n, Int(2), Word(done))
	a.Op(vm3.OpMoveInts, saved, n)
	a.Op(vm3.OpAddI64, n, n, Int(-1))
	call()
	a.Op(vm3.OpMoveInts, first, n)
	a.Op(vm3.OpMoveInts, n, saved)
	a.Op(vm3.OpAddI64, n, n, Int(-2))
	call()
	a.Op(vm3.OpAddI64, n, n, first)
	a.Bind(done)
	a.Op(vm3.OpRet)
}

// mandelbrot is the iterations, at most 50 each, of n times n points around the Mandelbrot set.
func mandelbrot(a *Assembler) {
	n, column, iteration, line, sum := Reg(0), Reg(1), Reg(2), Reg(3), Slot(0)
	doubled, im, lineIm, re := Reg(0), Reg(1), Reg(2), Reg(3)
	columnRe, re2, im2, limit := Reg(4), Reg(5), Reg(6), Reg(7)
	// to = -shift + scale * index / n
	coordinate := func(to, index Value, scale, shift float64) {
		a.Op(vm3.OpI64ToF64, to, index)
		a.Op(vm3.OpI64ToF64, re, n)
		a.Op(vm3.OpDivF64, to, to, re)
		a.Op(vm3.OpMoveFloats, re, Float(scale))
		a.Op(vm3.OpMulF64, to, to, re)
		a.Op(vm3.OpMoveFloats, re, Float(shift))
		a.Op(vm3.OpSubF64, to, to, re)
	}
	a.Prologue()
	a.Op(vm3.OpMoveInts, sum, Int(0))
	a.Op(vm3.OpMoveInts, line, Int(0))
	a.Op(vm3.OpMoveFloats, limit, Float(4))
	a.Bind(row)
	a.Op(vm3.OpJumpGeI64, line, n, Word(done))
	coordinate(lineIm, line, 2, 1)
	a.Op(vm3.OpMoveInts, column, Int(0))
	a.Bind(point)
	a.Op(vm3.OpJumpGeI64, column, n, Word(rowDone))
	coordinate(columnRe, column, 3, 2)
	a.Op(vm3.OpMoveFloats, re, Float(0))
	a.Op(vm3.OpMoveFloats, im, Float(0))
	a.Op(vm3.OpMoveInts, iteration, Int(0))
	a.Bind(step)
	a.Op(vm3.OpJumpGeI64, iteration, Int(50), Word(pointDone))
	a.Op(vm3.OpMulF64, re2, re, re)
	a.Op(vm3.OpMulF64, im2, im, im)
	a.Op(vm3.OpAddF64, doubled, re2, im2)
	a.Op(vm3.OpJumpGtF64, doubled, limit, Word(pointDone))
	a.Op(vm3.OpAddF64, doubled, re, re)
	a.Op(vm3.OpFuseF64, im, doubled, im, lineIm)
	a.Op(vm3.OpSubF64, doubled, re2, im2)
	a.Op(vm3.OpAddF64, re, doubled, columnRe)
	a.Op(vm3.OpAddI64, iteration, iteration, Int(1))
	a.Jump(step)
	a.Bind(pointDone)
	a.Op(vm3.OpAddI64, sum, sum, iteration)
	a.Op(vm3.OpAddI64, column, column, Int(1))
	a.Jump(point)
	a.Bind(rowDone)
	a.Op(vm3.OpAddI64, line, line, Int(1))
	a.Jump(row)
	a.Bind(done)
	a.Op(vm3.OpMoveInts, n, sum)
	a.Op(vm3.OpRet)
}

// canFuse says whether the processor multiplies and adds at once, which not every one of amd64 does.
func canFuse() bool {
	if runtime.GOARCH != "amd64" {
		return true
	}
	text, err := os.ReadFile("/proc/cpuinfo")
	return err == nil && strings.Contains(string(text), " fma ")
}

func run(name, argument string) (int64, error) {
	number, err := strconv.ParseInt(argument, 10, 64)
	if err != nil {
		return 0, err
	}
	var code Assembler
	switch {
	case name == "fib":
		fib(&code)
	case name == "mandelbrot" && canFuse():
		mandelbrot(&code)
	case name == "mandelbrot":
		return 0, errors.New("this processor has no fused multiply-add; run the program in C, which calls a function")
	default:
		return 0, fmt.Errorf("there is no program `%s`", name)
	}
	published, err := code.Publish()
	if err != nil {
		return 0, err
	}
	return published.Run(number, 1<<16)
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "say what to run: `fib N` or `mandelbrot N`")
		os.Exit(2)
	}
	result, err := run(os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
	fmt.Println(result)
}
