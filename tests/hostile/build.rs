//! Builds the op set in both conventions.

use stencil_build_support::{Builder, Convention};

fn main() {
    Builder::new("src/stencils.rs").convention(Convention::Portable).convention(Convention::Wide).build();
}
