#[stencil_macros::stencils(table = "ui")]
fn add(lhs: i64, rhs: i64) -> i64 {
    lhs.wrapping_add(rhs)
}

fn main() {
    add(1, 2);
}
