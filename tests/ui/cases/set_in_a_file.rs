#[stencil_macros::stencils(table = "ui")]
mod ops;

fn main() {}
