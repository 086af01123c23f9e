//! One test per gate: a source that trips it, and what it says.

use super::{faults, faults_of, faults_with, take_with};
use crate::object::Function;
use expect_test::expect;

#[test]
fn overflow_is_a_panic() {
    let text = faults("stencil_next(ctx, a + 1)");
    expect!["can panic (`core::panicking::panic_const::panic_const_add_overflow`); use `wrapping_add`, or `checked_add` and an `Exit`"].assert_eq(&text);
}

#[test]
fn indexing_is_a_panic() {
    let text = faults("let table = [1, 2, 3, a]; stencil_next(ctx, table[a as usize])");
    expect!["can panic (`core::panicking::panic_bounds_check`); test the index first, or use `get` and an `Exit`"]
        .assert_eq(&text);
}

#[test]
fn division_is_a_panic() {
    let text = faults("stencil_next(ctx, 7 / a)");
    expect!["can panic (`core::panicking::panic_const::panic_const_div_by_zero`); test the divisor first and leave through an `Exit`"].assert_eq(&text);
}

#[test]
fn unwrap_is_a_panic() {
    let text = faults("stencil_next(ctx, a.checked_add(1).unwrap())");
    expect!["can panic (`core::option::unwrap_failed`); leave through an `Exit` instead"].assert_eq(&text);
}

#[test]
fn large_copies_call_the_library() {
    let text =
        faults("let from = a as *const [u64; 40]; ctx.cast::<[u64; 40]>().write(from.read()); stencil_next(ctx, a)");
    expect!["calls the library function `memmove`; keep arrays that are copied, filled or compared below 128 bytes, or take the function through a `#[hole]` of type `HostFn<fn(…)>`"].assert_eq(&text);
}

#[test]
fn remainders_of_floats_call_the_library() {
    let text = faults("stencil_next(ctx, (f64::from_bits(a) % 3.0).to_bits())");
    expect!["calls the library function `fmod`; take it through a `#[hole]` of type `HostFn<fn(…)>`, which binds it for every host"].assert_eq(&text);
}

#[test]
fn wide_division_calls_the_library() {
    let text = faults("stencil_next(ctx, (ctx.cast::<u128>().read() / (u128::from(a) | 1)) as u64)");
    expect!["calls the library function `__udivti3`; take it through a `#[hole]` of type `HostFn<fn(…)>`, which binds it for every host"].assert_eq(&text);
}

#[test]
fn helpers_must_be_inlined() {
    let text = faults_with(
        "mod ops { #[inline(never)] pub fn helper(a: u64) -> u64 { a.rotate_left(3) } }",
        "stencil_next(ctx, ops::helper(a))",
    );
    expect!["calls `helper`, which was not inlined; mark it `#[inline(always)]`"].assert_eq(&text);
}

#[test]
fn foreign_functions_are_not_there() {
    let text = faults_with("unsafe extern \"C\" { fn getpid() -> u64; }", "stencil_next(ctx, getpid())");
    expect!["refers to `getpid`, which does not stand in the op set; take its address through a `#[hole]` pointer"]
        .assert_eq(&text);
}

#[test]
fn relocations_of_small_fields_are_unknown() {
    let text = faults(
        "let mut low: u8; core::arch::asm!(\"mov {0}, offset {1}\", out(reg_byte) low, sym stencil_wide_0); stencil_next(ctx, low as u64)",
    );
    expect!["`a` ends up in a field that cannot be patched (relocation 14); keep it out of arithmetic on 8 or 16 bits"]
        .assert_eq(&text);
}

#[test]
fn a_hole_must_fit_its_field() {
    let text = faults("stencil_next(ctx, &raw const stencil_wide_0 as u64)");
    expect!["`a` ends up in a field of another size or sense (R_X86_64_32); use it as a whole value"].assert_eq(&text);
}

#[test]
fn a_way_out_is_no_value() {
    let text = faults("stencil_next(ctx, stencil_to_0 as *const () as u64)");
    expect!["`a` ends up in a field of another size or sense (R_X86_64_32); use it as a whole value"].assert_eq(&text);
}

#[test]
fn a_way_out_is_not_called() {
    let text = faults("stencil_next(ctx, a); ctx.write(a)");
    assert!(text.contains("calls the next op instead of jumping to it"), "{text}");
}

#[test]
fn nothing_returns() {
    let text = faults("if a == 0 { return } stencil_next(ctx, a)");
    expect!["returns instead of going on; every path must end in a result or a way out"].assert_eq(&text);
}

#[test]
fn computed_jumps_are_refused() {
    let text = faults("core::mem::transmute::<u64, unsafe extern \"C\" fn(*mut u64)>(a)(ctx)");
    expect!["jumps to a computed address; compare and branch instead"].assert_eq(&text);
}

#[test]
fn calls_through_pointers_need_a_hole() {
    let body = "core::mem::transmute::<u64, unsafe extern \"C\" fn()>(a)(); stencil_next(ctx, 7)";
    let text = faults(body);
    expect!["calls through a pointer; take the function through a `#[hole]` of type `HostFn<fn(…)>`"].assert_eq(&text);
    assert!(take_with("", body, true).stencil.is_ok());
}

#[test]
fn traps_are_refused() {
    let text = faults("core::arch::asm!(\"ud2\"); stencil_next(ctx, a)");
    expect!["stops the program on some path, or has one that the compiler took for impossible; leave through an `Exit` instead"].assert_eq(&text);
    assert_eq!(faults("core::hint::unreachable_unchecked()"), text);
}

#[test]
fn nothing_runs_past_its_end() {
    // The compiler ends every function, so this one is written by hand: nop
    let function = Function { code: vec![0x90], relocations: Vec::new() };
    expect!["runs past its end; let every path end in a result or a way out"].assert_eq(&faults_of(&function));
}

#[test]
fn counting_branches_are_refused() {
    let text = faults("core::arch::asm!(\"2:\", \"loop 2b\", inout(\"rcx\") a => _); stencil_next(ctx, a)");
    expect!["branches with `loop` or `jrcxz`; compare and branch instead"].assert_eq(&text);
}

#[test]
fn own_code_is_not_called() {
    let text = faults("core::arch::asm!(\"call 2f\", \"jmp 3f\", \"2:\", \"nop\", \"3:\"); stencil_next(ctx, a)");
    expect!["calls a part of itself or takes the address of its own code; keep labels in `asm!` to branches"]
        .assert_eq(&text);
    let address =
        faults("let at: u64; core::arch::asm!(\"2: lea {}, [rip + 2b]\", out(reg) at); stencil_next(ctx, at)");
    assert_eq!(address, text);
}

#[test]
fn holes_are_operands() {
    // mov rax, imm64 written as bytes, with the hole one byte too early for its immediate
    let text = faults(
        "core::arch::asm!(\".byte 0x48\", \".quad {0}\", \".byte 0x90\", sym stencil_wide_0); stencil_next(ctx, a)",
    );
    expect!["`a` ends up beside the operands of an instruction; keep data out of `asm!`"].assert_eq(&text);
}

#[test]
fn data_in_code_is_refused() {
    let text = faults("core::arch::asm!(\".byte 0x06\"); stencil_next(ctx, a)");
    expect!["contains bytes at 0x1 that are no instruction; keep data out of `asm!`"].assert_eq(&text);
}

#[test]
fn the_stack_is_left_as_it_was() {
    let text = faults("core::arch::asm!(\"push 1\"); stencil_next(ctx, a)");
    expect!["leaves the stack pointer changed by 8 bytes; keep `push` and `pop` in `asm!` balanced"].assert_eq(&text);
    let text = faults("core::arch::asm!(\"pop rax\", out(\"rax\") _); stencil_next(ctx, a)");
    assert!(text.contains("changed by -8 bytes"), "{text}");
}

#[test]
fn the_stack_pointer_can_be_followed() {
    let text = faults("core::arch::asm!(\"mov rsp, {}\", in(reg) a); stencil_next(ctx, a)");
    assert!(text.contains("in a way that cannot be followed"), "{text}");
    let text = faults("core::arch::asm!(\"and rsp, -64\"); stencil_next(ctx, a)");
    assert!(text.contains("in a way that cannot be followed"), "{text}");
}

#[test]
fn both_sides_of_a_branch_leave_the_same_stack() {
    let text =
        faults("core::arch::asm!(\"test {0}, {0}\", \"je 2f\", \"push 1\", \"2:\", in(reg) a); stencil_next(ctx, a)");
    assert!(text.contains("in a way that cannot be followed"), "{text}");
}

#[test]
fn nothing_above_the_frame_is_touched() {
    let text = faults("let mut x: u64; core::arch::asm!(\"mov {}, [rsp + 8]\", out(reg) x); stencil_next(ctx, x)");
    assert!(text.contains("reads or writes above its stack frame"), "{text}");
}

#[test]
fn nothing_below_the_stack_pointer_is_touched() {
    let text = faults("core::arch::asm!(\"mov [rsp - 8], {}\", in(reg) a); stencil_next(ctx, a)");
    expect!["uses memory below the stack pointer; keep the red zone out of `asm!`"].assert_eq(&text);
}

#[test]
fn frames_have_a_limit() {
    let text = faults_with(
        "#[inline(always)] fn op(a: u64) -> u64 { \
         let mut line = [a; 16]; line[(a & 15) as usize] = 7; line[(a >> 60) as usize] }",
        "stencil_next(ctx, op(a))",
    );
    expect!["needs 128 bytes of stack, 64 are allowed; keep fewer local values or raise `frame_limit`"]
        .assert_eq(&text);
}

#[test]
fn the_frame_pointer_is_the_machines() {
    let text = faults("core::arch::asm!(\"mov rbp, {}\", in(reg) a); stencil_next(ctx, a)");
    expect!["overwrites the frame pointer; pin fewer registers or keep fewer values at once"].assert_eq(&text);
    let text = faults("core::arch::asm!(\"push rbp\", \"mov ebp, 1\", \"pop rbp\"); stencil_next(ctx, a)");
    assert!(text.contains("overwrites the frame pointer"), "{text}");
}

#[test]
fn statics_are_refused() {
    let text = faults_with(
        "mod ops { pub static mut COUNT: u64 = 1; }",
        "ops::COUNT = ops::COUNT.wrapping_add(a); stencil_next(ctx, a)",
    );
    expect!["uses the static `COUNT`; keep what changes in the struct that the machine's first fixed part points to"]
        .assert_eq(&text);
}

#[test]
fn thread_locals_are_refused() {
    let items = "mod ops { #[unsafe(link_section = \".tdata.own\")] pub static OWN: u64 = 3; }";
    let body = "let own: *const u64; core::arch::asm!(\"lea {}, [rip + {}]\", out(reg) own, sym ops::OWN); stencil_next(ctx, *own)";
    let text = faults_with(items, body);
    expect![
        "uses the thread-local `OWN`; keep what changes in the struct that the machine's first fixed part points to"
    ]
    .assert_eq(&text);
}

#[test]
fn indexed_constants_are_refused() {
    let text = faults("static T: [u64; 4] = [3, 1, 4, 1]; stencil_next(ctx, T[(a & 3) as usize])");
    expect!["refers to constant data by its address; take the table through a `#[hole]` pointer"].assert_eq(&text);
}

#[test]
fn constants_with_addresses_are_refused() {
    let items = "static A: u64 = 1; static B: u64 = 2; static T: [&u64; 2] = [&A, &B];";
    let text = faults_with(
        items,
        "let t: *const &u64; core::arch::asm!(\"lea {}, [rip + {}]\", out(reg) t, sym T); stencil_next(ctx, **t)",
    );
    expect!["uses constant data that holds addresses; take it through a `#[hole]` pointer"].assert_eq(&text);
}

#[test]
fn large_constants_are_refused() {
    let items = "static T: [u64; 64] = [7; 64];";
    let text = faults_with(
        items,
        "let t: *const u64; core::arch::asm!(\"lea {}, [rip + {}]\", out(reg) t, sym T); stencil_next(ctx, *t)",
    );
    expect!["uses 512 bytes of constant data, 256 are allowed; take the table through a `#[hole]` pointer"]
        .assert_eq(&text);
}

#[test]
fn a_call_that_something_follows_is_refused() {
    let text =
        faults("if a != 0 { ctx.write(7); stencil_call_0(ctx, 3) } else { ctx.add(1).write(a); stencil_next(ctx, a) }");
    expect!["has a `call!` that is not the last thing it does; split it, so that one op branches and another calls"]
        .assert_eq(&text);
}
