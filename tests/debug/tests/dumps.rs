//! What `perf` is told, read back by another's reader.

use linux_perf_data::jitdump::{JitDumpReader, JitDumpRecord};
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use stencil_debug::{Description, Detail, Guest, JitDump, Line, PerfMap};
use stencil_debug_tests::TABLES;
use stencil_debug_tests::ops::{Emit, Machine};
use stencil_runtime::{Assembler, Code, CodeSpace, Listener, Origin, PublishedCode, Reg};

/// Functions named by their number, whose tags are lines.
#[derive(Debug)]
struct Numbered;

impl Guest for Numbered {
    fn describe(&self, code: &PublishedCode<'_>, _detail: Detail) -> Option<Description> {
        let name = format!("function {}", code.origin?.function);
        let lines = code.marks.iter().map(|mark| Line { offset: mark.offset, line: mark.tag, statement: true });
        let file = Some(PathBuf::from("numbers.src"));
        Some(Description { name, file, lines: lines.collect(), ..Description::default() })
    }
}

/// Publishes three functions, and one that is not described.
fn publish(listeners: [Arc<dyn Listener>; 2]) -> Vec<Code<Machine>> {
    let table = TABLES.best().unwrap();
    let space = CodeSpace::<Machine>::for_table(table).unwrap();
    listeners.into_iter().for_each(|listener| space.listen(listener));
    let mut asm = Assembler::new(table);
    (0..4_u32)
        .map(|function| {
            asm.prologue();
            for line in 1..=function {
                asm.mark(10 * line);
                asm.move_ints(Reg(0), Reg(1));
            }
            asm.ret();
            if function > 0 {
                asm.set_origin(Origin { unit: Arc::new(()), function });
            }
            space.publish(&mut asm).unwrap()
        })
        .collect()
}

#[test]
fn a_dump_and_a_map_have_names_lines_and_code() {
    let folder = tempfile::tempdir().unwrap();
    let dump = Arc::new(JitDump::new(Arc::new(Numbered), folder.path()).unwrap());
    let map = folder.path().join("map");
    let codes = publish([dump.clone(), Arc::new(PerfMap::at(Arc::new(Numbered), &map).unwrap())]);

    let expected: Vec<String> = (1..)
        .zip(&codes[1..])
        .map(|(number, code)| format!("{:x} {:x} function {number}", code.address(), code.bytes().len()))
        .collect();
    assert_eq!(std::fs::read_to_string(map).unwrap().lines().collect::<Vec<_>>(), expected);

    let mut reader = JitDumpReader::new(File::open(dump.path()).unwrap()).unwrap();
    assert_eq!((reader.header().version, reader.header().pid), (1, std::process::id()));
    let (mut loaded, mut time) = (0, 0);
    let mut lines: Vec<(u64, u32)> = Vec::new();
    while let Some(record) = reader.next_record().unwrap() {
        assert!(record.timestamp >= time, "records are in order");
        time = record.timestamp;
        match record.parse().unwrap() {
            JitDumpRecord::CodeDebugInfo(info) => {
                assert!(info.entries.iter().all(|entry| &*entry.file_path.as_slice() == b"numbers.src"));
                assert_eq!(info.code_addr, codes[loaded + 1].address());
                lines = info.entries.iter().map(|entry| (entry.code_addr, entry.line)).collect();
            }
            JitDumpRecord::CodeLoad(load) => {
                let code = &codes[loaded + 1];
                assert_eq!(
                    (load.vma, load.code_addr, load.code_index),
                    (code.address(), code.address(), loaded as u64)
                );
                assert_eq!(&*load.code_bytes.as_slice(), code.bytes());
                assert_eq!(&*load.function_name.as_slice(), format!("function {}", loaded + 1).as_bytes());
                let expected: Vec<(u64, u32)> =
                    code.marks().iter().map(|mark| (code.address() + u64::from(mark.offset), mark.tag)).collect();
                assert_eq!((lines.len(), &lines), (loaded + 1, &expected));
                loaded += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(loaded, 3);
}
