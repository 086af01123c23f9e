//! Machine code as text.

use iced_x86::{Decoder, DecoderOptions, Formatter, IntelFormatter};
use stencil_build_support::{Convention, Options, Toolchain, compile_set};
use stencil_table::Table;

#[test]
fn show() {
    let text = include_str!("sets/demo.rs");
    let folder = tempfile::tempdir().unwrap();
    let options = Options::default().convention(Convention::Portable).convention(Convention::Wide);
    let sets = compile_set("src/demo.rs", text, &options, &Toolchain::host().unwrap(), folder.path()).unwrap();
    for set in sets {
        println!("{:?} {:?}", set.findings, set.warnings);
        for table in set.tables {
            println!("== {:?} {:?}", table.key, table.compiler_time);
            let table = Table::parse(&table.bytes).unwrap();
            println!(
                "{} {} stencils {} bytes {:?}",
                table.compiler(),
                table.stencils().len(),
                table.code().len(),
                table.pool()
            );
            for op in table.ops() {
                for (number, stencil) in table.variants_of(op).iter().enumerate() {
                    if stencil.len == 0xffff {
                        continue;
                    }
                    println!("{} {number}: {:?}", table.text(op.name), table.holes_of(stencil));
                    let code = table.code_of(stencil);
                    let mut f = IntelFormatter::new();
                    for i in Decoder::with_ip(64, code, 0, DecoderOptions::NONE).iter() {
                        let mut s = String::new();
                        f.format(&i, &mut s);
                        println!("    {:3x} {s}", i.ip());
                    }
                }
            }
        }
    }
}
