//! Code with landing pads does what other code does; on aarch64 Linux, processors with BTI stop what goes elsewhere.

use super::{program, tiers};
use vm3::program::Bank;
use vm3::{CodeCache, HostFunctions, Tier, Value, Vm, VmError, VmOptions};

/// Goes into compiled code by calls, tail calls and loops, out of it to the host and the interpreter, and comes back.
const SOURCE: &str = "host func twice(i64) -> i64

func main(i64) -> i64 {
    regs 6 i64, 1 cell
    ConstI64K r1, 0
    ConstI64K r2, 0
loop:
    CallI64 r3, r2, fib
    AddI64 r1, r1, r3
    CallI64 r3, r2, even
    AddI64 r1, r1, r3
    CallI64 r3, r2, twice
    AddI64 r1, r1, r3
    NewList c0, 1
    AddI64K r2, r2, 1
    CmpLtI64Br r2, r0, loop
    SubI64K r4, r0, 12
    DivI64 r1, r1, r4
    ReturnI64 r1
}

func fib(i64) -> i64 {
    regs 4 i64
    CmpLtI64KBr r0, 2, leaf
    SubI64K r1, r0, 1
    CallI64 r2, r1, fib
    SubI64K r1, r0, 2
    CallI64 r3, r1, fib
    AddI64 r0, r2, r3
leaf:
    ReturnI64 r0
}

func even(i64) -> i64 {
    regs 2 i64
    CmpEqI64KBr r0, 0, yes
    SubI64K r0, r0, 1
    TailCallI64 r0, odd
yes:
    ReturnConstK 1
}

func odd(i64) -> i64 {
    regs 2 i64
    CmpEqI64KBr r0, 0, no
    SubI64K r0, r0, 1
    TailCallI64 r0, even
no:
    ReturnConstK 0
}";

fn host() -> HostFunctions {
    let mut functions = HostFunctions::new();
    functions.bind("twice", &[Bank::I64], Bank::I64, |call| Ok(Value::I64(2 * call.i64(0))));
    functions
}

#[test]
fn code_with_landing_pads_does_the_same() {
    let program = program(SOURCE);
    let all = tiers();
    let mut expected = Vm::with_host(program.clone(), &all[0], host()).unwrap();
    for options in all.iter().filter(|options| matches!(options.tier, Tier::Stencil | Tier::Auto)) {
        let cache = CodeCache::new(64 << 20);
        let guarded = VmOptions { landing_pads: true, cache: cache.clone(), ..options.clone() };
        let mut vm = match Vm::with_host(program.clone(), &guarded, host()) {
            // There are none on this architecture, and whoever asks for nothing but compiled code hears of it.
            Err(VmError::Compile(error)) if cfg!(target_arch = "riscv64") => {
                assert_eq!(options.tier, Tier::Stencil, "{error}");
                continue;
            }
            vm => vm.unwrap(),
        };
        // With 12 it divides by zero, which the interpreter reports.
        for argument in [3, 9, 15, 12, 15] {
            let argument = [Value::I64(argument)];
            assert_eq!(vm.call_named("main", &argument), expected.call_named("main", &argument), "{argument:?}");
        }
        assert_eq!(cache.bytes() > 0, !cfg!(target_arch = "riscv64"));
        // Machines without landing pads have code of their own.
        let plain = VmOptions { landing_pads: false, ..guarded };
        let before = cache.bytes();
        let mut other = Vm::with_host(program.clone(), &plain, host()).unwrap();
        let argument = [Value::I64(15)];
        assert_eq!(other.call_named("main", &argument), expected.call_named("main", &argument));
        assert!(cache.bytes() > before);
    }
}
