//! What calls pass and where results land.

use super::{int, machines, program, run};
use vm3::{Outcome, Returned};

#[test]
fn results_land_where_the_return_op_and_the_call_say() {
    let callees = "func ints() -> i64 {\n regs 1 i64\n ConstI64K r0, -3\n ReturnI64 r0\n}
func floats() -> f64 {\n regs 1 f64\n const k0 = float -2.5\n ConstF64K d0, k0\n ReturnF64 d0\n}
func constant() -> i64 {\n ReturnConstK 9\n}";
    // The i64 register, the f64 register.
    let landings = [
        ("CallI64 r2, r0, ints", -3, 0.5),
        ("CallI64 r2, r0, floats", -2, 0.5),
        ("CallI64 r2, r0, constant", 9, 0.5),
        ("CallF64 d2, d0, ints", 7, -3.0),
        ("CallF64 d2, d0, floats", 7, -2.5),
        ("CallF64 d2, d0, constant", 9, 0.5),
        ("CallMixed r2, 0, floats", -2, 0.5),
        ("CallMixed d2, 0, ints", 7, -3.0),
        ("CallMixed d2, 0, constant", 9, 0.5),
    ];
    for (call, int_after, float_after) in landings {
        for (bank, expected) in [('r', Returned::I64(int_after)), ('d', Returned::F64(float_after))] {
            let name = if bank == 'r' { "ReturnI64" } else { "ReturnF64" };
            let source = format!(
                "func f() -> i64 {{\n regs 3 i64, 3 f64\n const k0 = float 0.5\n ConstI64K r2, 7\n ConstF64K d2, k0\n\
                 {call}\n {name} {bank}2\n}}\n{callees}"
            );
            assert_eq!(run(&program(&source), &[]), Ok(Outcome::Returned(expected)), "{call}");
        }
    }
}

#[test]
fn a_function_that_returns_in_several_ways_lands_by_the_way_it_took() {
    // Also through a tail call, which is not where the function's own returns are.
    let source = "func f(i64) -> i64 {
    regs 4 i64, 4 f64
    const k0 = float 0.25
    ConstI64K r3, 5
    ConstF64K d3, k0
    CallF64 d1, d0, unused
    MovI64 r1, r0
    CallMixed d3, 0, pick
    I64ToF64 d0, r3
    AddF64 d0, d0, d3
    ReturnF64 d0
}
func unused() -> i64 {\n ReturnConstK 0\n}
func pick(i64) -> i64 {
    regs 2 i64, 1 f64
    const k0 = float 100.0
    CmpEqI64KBr r0, 0, constant
    CmpEqI64KBr r0, 1, float
    CmpEqI64KBr r0, 2, int
    TailCallI64 r0, other
constant:
    ReturnConstK 1000
float:
    ConstF64K d0, k0
    ReturnF64 d0
int:
    ConstI64K r1, 10
    ReturnI64 r1
}
func other(i64) -> f64 {
    regs 1 i64, 1 f64
    CmpEqI64KBr r0, 3, float
    ReturnConstK 2000
float:
    I64ToF64 d0, r0
    ReturnF64 d0
}";
    let program = program(source);
    for (argument, expected) in [(0, 1000.25), (1, 105.0), (2, 15.0), (3, 8.0), (4, 2000.25)] {
        assert_eq!(run(&program, &[argument]), Ok(Outcome::Returned(Returned::F64(expected))));
    }
}

/// Callers ask themselves whether these return at once: every result lands in every register, arguments included, and every
/// argument is still what it was where they do not.
#[test]
fn a_result_that_lands_at_once_leaves_arguments_alone() {
    let callees = [
        "CmpGtI64KBr r0, 6, end\n {rest} end: ConstI64K r3, 5\n ReturnI64 r3\n",
        "CmpGtI64Br r0, r2, end\n {rest} end: ReturnConstK 5\n",
        "CmpLeI64KBr r1, 6, on\n ReturnI64 r0\n on: {rest}",
        "CmpLeI64Br r2, r0, on\n ReturnI64 r1\n on: {rest}",
        "CmpNeI64Br r0, r1, on\n ReturnI64 r2\n on: {rest}",
    ];
    let rest = "MulI64K r3, r0, 10\n AddI64 r3, r3, r1\n MulI64K r3, r3, 10\n AddI64 r3, r3, r2\n ReturnI64 r3\n";
    let calls = (0..6).flat_map(|to| [format!("CallI64 r{to}, r1, f"), format!("CallMixed r{to}, 1, f")]);
    for ((callee, call), base) in
        callees.iter().flat_map(|callee| calls.clone().map(move |call| (callee, call))).zip(1..)
    {
        let source = format!(
            "func main(i64, i64, i64) -> i64 {{\n regs 8 i64\n AddI64 r3, r2, r0\n MovI64 r2, r1\n MovI64 r1, r0\n\
             ConstI64K r4, {base}\n ConstI64K r5, 3\n ConstI64K r6, 2\n loop: {call}\n AddI64 r7, r7, r0\n\
             MulI64K r7, r7, 31\n AddI64 r7, r7, r1\n MulI64K r7, r7, 31\n AddI64 r7, r7, r2\n MulI64K r7, r7, 31\n\
             AddI64 r7, r7, r3\n AddI64 r7, r7, r4\n MulI64K r7, r7, 31\n AddI64 r7, r7, r5\n SubI64K r6, r6, 1\n\
             CmpGtI64KBr r6, 0, loop\n ReturnI64 r7\n}}\n\
             func f(i64, i64, i64) -> i64 {{\n regs 4 i64\n {}}}",
            callee.replace("{rest}", rest)
        );
        let program = program(&source);
        for arguments in [[1, 2, 3], [7, 2, 9], [9, 9, -1], [-4, 8, 0]] {
            let mut vms = machines(&program, 4096);
            let expected = vms[0].run(&arguments);
            for vm in &mut vms {
                assert_eq!(vm.run(&arguments), expected, "{arguments:?}\n{source}");
            }
        }
    }
}

#[test]
fn registers_that_a_call_does_not_pass_are_zero() {
    // Called densely, `f` gets r0 and r1; called by position, r0, d1 and r2.
    let source = "func main() -> i64 {
    regs 4 i64, 4 f64
    ConstI64K r0, 1
    ConstI64K r1, 2
    ConstI64K r2, 4
    I64ToF64 d1, r2
    CallI64 r3, r0, f
    MulI64K r3, r3, 1000
    CallMixed r0, 0, f
    AddI64 r3, r3, r0
    MulI64K r3, r3, 1000
    CallF64 d3, d1, f
    F64ToI64 r0, d3
    AddI64 r3, r3, r0
    ReturnI64 r3
}
func f(i64, f64, i64) -> i64 {
    regs 3 i64, 2 f64
    F64ToI64 r0, d0
    MulI64K r0, r0, 10
    AddI64 r0, r0, r1
    MulI64K r0, r0, 10
    AddI64 r0, r0, r2
    F64ToI64 r1, d1
    MulI64K r1, r1, 100
    AddI64 r0, r0, r1
    ReturnI64 r0
}";
    // Densely: r1 = 2. By position: r2 = 4, d1 = 4. By floats: d0 = 4.
    assert_eq!(run(&program(source), &[]), int(20 * 1_000_000 + 404 * 1000 + 400));
}

#[test]
fn many_arguments_are_passed_and_the_other_bank_is_zero() {
    let count = 40;
    let types = vec!["i64"; count].join(", ");
    let floats = vec!["f64"; 20].join(", ");
    let sets: String = (0..count).map(|r| format!(" AddI64K r{}, r1, {r}\n", r + 2)).collect();
    let adds: String = (1..count).map(|r| format!(" MulI64K r0, r0, 3\n AddI64 r0, r0, r{r}\n")).collect();
    let float_adds: String = (1..20).map(|r| format!(" AddF64 d0, d0, d{r}\n")).collect();
    let callee = |name: &str, end: &str| {
        format!(
            "func {name}({types}, {floats}) -> i64 {{\n regs 50 i64, 20 f64\n{adds}{float_adds} F64ToI64 r1, d0\n\
             AddI64 r0, r0, r1\n AddI64 r0, r0, r49\n{end}}}\n"
        )
    };
    let source = format!(
        "func main(i64) -> i64 {{\n regs 60 i64\n ConstI64K r59, 9\n MovI64 r1, r0\n{sets} CallI64 r0, r2, sum\n\
         CallI64 r1, r2, again\n SubI64 r0, r0, r1\n ReturnI64 r0\n}}\n{}{}func pass({types}) -> i64 {{\n regs 41 i64\n\
         TailCallI64 r1, sum\n}}\n",
        callee("sum", " ReturnI64 r0\n"),
        callee("again", " MovI64 r1, r0\n TailCallI64 r1, pass\n"),
    );
    let mut sum = 0_i64;
    for register in 0..40 {
        sum = sum.wrapping_mul(3).wrapping_add(100 + register);
    }
    let mut vms = machines(&program(&source), 1 << 20);
    let expected = vms[0].run(&[100]).unwrap();
    for vm in &mut vms {
        assert_eq!(vm.run(&[100]).unwrap(), expected);
        // The callee alone, as the host calls it: nothing but its first register is set.
        let Ok(Outcome::Returned(Returned::I64(alone))) = vm.call(1, &[7]) else { panic!("an int") };
        assert_eq!(alone, (1..40).fold(7_i64, |sum, _| sum.wrapping_mul(3)));
    }
    let Outcome::Returned(Returned::I64(difference)) = expected else { panic!("an int") };
    assert_ne!(difference, sum, "both calls were made");
}

#[test]
fn arguments_beyond_the_parameters_are_registers_too() {
    let program = program("func f() -> i64 {\n regs 3 i64\n AddI64K r1, r1, 1\n AddI64 r1, r1, r2\n ReturnI64 r1\n}");
    for vm in &mut machines(&program, 4096) {
        assert_eq!(vm.run(&[1, 5, 9]), int(15));
        assert_eq!(vm.run(&[]), int(1));
    }
}

#[test]
fn tail_calls_permute_arguments_and_change_frames() {
    let source = "func main(i64, i64) -> i64 {
    regs 3 i64, 2 f64
    I64ToF64 d1, r1
    CmpGtI64KBr r0, 1000, done
    AddI64K r0, r0, 1
    TailCallI64 r0, swap
done:
    ReturnI64 r1
}
func swap(i64, i64) -> i64 {
    regs 12 i64, 9 f64
    MovI64 r3, r1
    MovI64 r5, r0
    I64ToF64 d4, r1
    TailCallMixed 3, mixed
}
func mixed(i64, f64, i64) -> i64 {
    regs 3 i64, 2 f64
    F64ToI64 r1, d1
    AddI64 r1, r1, r0
    AddI64 r1, r1, r2
    MovI64 r0, r1
    CmpGtI64KBr r0, 5, big
    TailCallI64 r0, main
big:
    ReturnI64 r0
}";
    let swaps = program(source);
    // `main` counts r0 up, `swap` passes r1 twice and r0 once, `mixed` goes on with their sum.
    for (arguments, expected) in [([0, 0], 13), ([3, 4], 12), ([1001, 8], 8), ([-5, 2], 13)] {
        assert_eq!(run(&swaps, &arguments), int(expected));
    }
    let loops = "func down(i64, i64) -> i64 {
    regs 3 i64
    CmpEqI64KBr r0, 0, done
    SubI64K r1, r0, 1
    AddI64K r2, r1, 1
    TailCallI64 r1, down
done:
    ReturnI64 r1
}";
    // Many frames in place of one another.
    assert_eq!(run(&program(loops), &[100_000, 7]), int(1));
}
