//! The list of executables in memory that debuggers read, of a process that none is attached to.

#![cfg(target_os = "linux")]

use std::sync::Arc;
use std::time::Duration;
use stencil_debug::{Debugger, Description, Detail, Guest, Symbol};
use stencil_debug_tests::TABLES;
use stencil_debug_tests::ops::{Emit, Machine};
use stencil_runtime::{Assembler, Code, CodeSpace, PublishedCode};

/// One name for everything.
#[derive(Debug)]
struct Same;

impl Guest for Same {
    fn describe(&self, code: &PublishedCode<'_>, detail: Detail) -> Option<Description> {
        assert_eq!(detail, Detail::All);
        let symbols = vec![Symbol { range: 0..code.bytes.len() as u32, name: "all of it".into() }];
        Some(Description { name: "same".into(), symbols, ..Description::default() })
    }
}

/// As GDB's manual has it.
#[repr(C)]
struct Entry {
    next: *const Entry,
    previous: *const Entry,
    image: *const u8,
    length: u64,
}

#[repr(C)]
struct Descriptor {
    version: u32,
    action: u32,
    relevant: *const Entry,
    first: *const Entry,
}

unsafe extern "C" {
    static mut __jit_debug_descriptor: Descriptor;
}

/// The executables in the list when all code is described.
fn images(debugger: &Debugger) -> Vec<Vec<u8>> {
    debugger.flush();
    let list = &raw const __jit_debug_descriptor;
    // SAFETY: nothing changes the list while there is no code to describe, and none is published or freed meanwhile.
    let list = unsafe { &*list };
    assert_eq!(list.version, 1);
    let (mut images, mut next) = (Vec::new(), list.first);
    // SAFETY: entries are valid while they are in the list.
    while let Some(entry) = unsafe { next.as_ref() } {
        // SAFETY: so are their images.
        images.push(unsafe { std::slice::from_raw_parts(entry.image, entry.length as usize) }.to_vec());
        next = entry.next;
    }
    images
}

fn publish(space: &CodeSpace<Machine>, count: usize) -> Vec<Code<Machine>> {
    let mut asm = Assembler::new(TABLES.best().unwrap());
    let one = |_| {
        asm.prologue();
        asm.ret();
        space.publish(&mut asm).unwrap()
    };
    (0..count).map(one).collect()
}

#[test]
fn code_is_in_the_list_while_it_lives() {
    let space = CodeSpace::<Machine>::for_table(TABLES.best().unwrap()).unwrap();
    let debugger = Arc::new(Debugger::new(Arc::new(Same)));
    space.listen(debugger.clone());
    let codes = publish(&space, 3);
    let found = images(&debugger);
    assert_eq!(found.len(), 3);
    for code in &codes {
        let address = code.address().to_le_bytes();
        let own: Vec<_> = found.iter().filter(|image| image.windows(8).any(|word| word == address)).collect();
        assert_eq!(own.len(), 1, "one executable has the code's address");
        assert!(own[0].starts_with(b"\x7fELF") && own[0].windows(10).any(|text| text == b"all of it\0"));
    }
    drop(codes);
    assert_eq!(images(&debugger).len(), 0);
    // The thread has described some of it when it is freed.
    for _ in 0..200 {
        let some = publish(&space, 20);
        std::thread::sleep(Duration::from_micros(100));
        drop(some);
    }
    let kept = publish(&space, 1);
    assert_eq!(images(&debugger).len(), 1);
    drop(kept);
    assert_eq!(images(&debugger).len(), 0);
}
