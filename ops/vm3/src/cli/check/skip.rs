//! What the format of the files lets a checker leave out. Everything else has to pass.

use vm3::program::json::TestProgram;

/// Why the case with this index need not be run, if the format says so.
pub(super) fn reason(program: &TestProgram, case: usize) -> Option<&'static str> {
    let stale = match program.name.as_str() {
        "stale_callee_registers" => true,
        // Its first case reads fresh memory, which is zero.
        "stale_across_runs" => case > 0,
        _ => false,
    };
    stale.then_some("reads registers that nobody wrote; frames are zeroed here")
}

/// Whether the format lets a verifier reject the program.
pub(super) fn may_reject(program: &TestProgram) -> bool {
    matches!(
        program.name.as_str(),
        "fall_off_end"
            | "jump_out_of_range"
            | "reg_out_of_range"
            | "const_out_of_range"
            | "call_out_of_range"
            | "call_args_past_bank"
            | "lookup_bad_table"
            | "mixed_i64_from_ReturnCell_nocells"
    )
}
