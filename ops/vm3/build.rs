//! Takes the stencil tables of the op set from `tables`, or makes them where the op set has changed, in both calling
//! conventions, and on x86-64 for processors with AVX2, BMI and FMA as well. `STENCIL_TABLES=ship cargo build -p vm3` writes them anew.

use stencil_build_support::{Architecture, Builder, Convention, Level};

fn main() {
    Builder::new("src/stencils.rs")
        .convention(Convention::Portable)
        .convention(Convention::Wide)
        .level(Level::V3)
        .architecture(Architecture::X86_64)
        .architecture(Architecture::Aarch64)
        .architecture(Architecture::Riscv64)
        .lines()
        .shipped("tables")
        .budget("stencils.budget.json")
        .build();
}
