//! Makes the stencils of the ops in both conventions.

use stencil_build_support::{Builder, Convention};

fn main() {
    Builder::new("src/lib.rs").convention(Convention::Portable).convention(Convention::Wide).build();
}
