//! From addresses of published code back to the embedder's tags, and listeners.

use std::any::Any;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use stencil_matrix::TABLES;
use stencil_matrix::ops::{Emit, Machine};
use stencil_runtime::{Assembler, Attachment, CodeSpace, Listener, Mark, Origin, PublishedCode, Reg, Slot};

#[test]
fn an_address_is_found_with_its_tag_and_origin_until_the_code_is_freed() {
    for table in TABLES.all().unwrap() {
        let space = CodeSpace::<Machine>::for_table(table).unwrap();
        let mut asm = Assembler::new(table);
        asm.prologue();
        asm.ret();
        let unmarked = space.publish(&mut asm).unwrap();
        assert!(space.locate(unmarked.address()).is_none());
        let unit: Arc<dyn Any + Send + Sync> = Arc::new("a module");
        let codes: Vec<_> = (0..20_u32)
            .map(|function| {
                asm.mark(100);
                asm.prologue();
                asm.mark(101);
                asm.move_ints(Slot(0), 5);
                let cold = asm.label();
                asm.begin_cold();
                asm.mark(102);
                asm.bind(cold);
                asm.leave();
                asm.end_cold();
                asm.mark(103);
                asm.jump_less(Reg(0), Reg(1), cold);
                asm.ret();
                asm.set_origin(Origin { unit: Arc::clone(&unit), function });
                space.publish(&mut asm).unwrap()
            })
            .collect();
        for (function, code) in (0..).zip(&codes) {
            let marks: Vec<Mark> = code.marks().iter().collect();
            assert_eq!(marks.iter().map(|mark| mark.tag).collect::<Vec<_>>(), [100, 101, 103, 102]);
            assert!(marks[0].offset == 0 && marks.is_sorted_by_key(|mark| mark.offset));
            let ends = marks[1..].iter().map(|mark| mark.offset).chain([code.bytes().len() as u32]);
            for (mark, end) in marks.iter().zip(ends) {
                for offset in mark.offset..end {
                    let found = space.locate(code.address() + u64::from(offset)).unwrap();
                    assert_eq!((found.start, found.offset, found.mark), (code.address(), offset, Some(*mark)));
                    let origin = found.origin.unwrap();
                    assert_eq!((origin.function, origin.unit.downcast_ref()), (function, Some(&"a module")));
                }
            }
        }
        let found = |address| space.try_locate(address).and_then(|found| found.origin).map(|origin| origin.function);
        let addresses: Vec<u64> = codes.iter().map(|code| code.address()).collect();
        drop(codes);
        assert!(addresses.iter().all(|address| found(*address).is_none()));
        assert_eq!(Arc::strong_count(&unit), 1);
    }
}

#[test]
fn a_fused_op_has_the_tag_of_the_last_op_it_stands_for() {
    for table in TABLES.all().unwrap() {
        let space = CodeSpace::<Machine>::for_table(table).unwrap();
        let mut asm = Assembler::new(table);
        asm.prologue();
        let head = asm.label();
        asm.bind(head);
        asm.mark(1);
        asm.add(Reg(0), Reg(0), 1);
        let alone = asm.len();
        asm.mark(2);
        asm.jump_less(Reg(0), Reg(1), head);
        asm.mark(3);
        asm.ret();
        let code = space.publish(&mut asm).unwrap();
        let marks: Vec<Mark> = code.marks().iter().collect();
        assert_eq!(marks.iter().map(|mark| mark.tag).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(marks[0].offset, marks[1].offset, "both were fused");
        assert!((alone as u32) < marks[2].offset);
        assert_eq!(code.marks().find(marks[2].offset - 1).map(|mark| mark.tag), Some(2));
    }
}

/// Counts what it attached and what was dropped.
#[derive(Debug, Default)]
struct Counting {
    seen: Mutex<Vec<(u64, usize, usize)>>,
    alive: Arc<AtomicUsize>,
}

struct Alive(Arc<AtomicUsize>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Listener for Counting {
    fn published(&self, code: &PublishedCode<'_>) -> Option<Attachment> {
        self.seen.lock().unwrap().push((code.address, code.bytes.len(), code.marks.iter().count()));
        self.alive.fetch_add(1, Ordering::Relaxed);
        Some(Box::new(Alive(Arc::clone(&self.alive))))
    }
}

#[test]
fn listeners_see_code_from_then_on_and_attach_what_goes_with_it() {
    let table = TABLES.best().unwrap();
    let space = CodeSpace::<Machine>::for_table(table).unwrap();
    let mut asm = Assembler::new(table);
    let mut publish = |space: &CodeSpace<Machine>| {
        asm.prologue();
        asm.mark(7);
        asm.ret();
        space.publish(&mut asm).unwrap()
    };
    let before = publish(&space);
    let listener = Arc::new(Counting::default());
    space.clone().listen(listener.clone());
    let codes = [publish(&space), publish(&space.clone())];
    let expected = codes.each_ref().map(|code| (code.address(), code.bytes().len(), 1));
    assert_eq!(*listener.seen.lock().unwrap(), expected);
    let entry = codes[0].start();
    drop((codes, before));
    assert_eq!(listener.alive.load(Ordering::Relaxed), 1, "one is kept by its entry");
    drop(entry);
    assert_eq!(listener.alive.load(Ordering::Relaxed), 0);
}

/// Keeps which stencils stand where in the last code that was published.
#[derive(Debug, Default)]
struct Stencils(Mutex<Vec<Mark>>);

impl Listener for Stencils {
    fn published(&self, code: &PublishedCode<'_>) -> Option<Attachment> {
        *self.0.lock().unwrap() = code.stencils.to_vec();
        None
    }
}

/// A function with fusions of two and four ops, a variant that is synthesised, and a cold part.
fn stitch(asm: &mut Assembler<'_, Machine>) {
    let (x, y) = (Reg(0), Reg(1));
    let cold = asm.label();
    asm.prologue();
    asm.add(x, x, y);
    asm.scaled(x, x, y);
    asm.sub_plus_five(x, x, y);
    asm.jump_less(x, y, cold);
    asm.move_ints(Slot(0), Slot(1));
    asm.begin_cold();
    asm.bind(cold);
    asm.leave();
    asm.end_cold();
    asm.add(x, Slot(3), y);
    asm.frame_zero(y, x);
    asm.ret();
}

#[test]
fn a_traced_table_tells_which_stencils_stand_where_and_changes_nothing() {
    for table in TABLES.all().unwrap() {
        let mut ops = Vec::new();
        let traced = table.traced(&mut ops);
        let mut plain_asm = Assembler::new(table);
        stitch(&mut plain_asm);
        let space = CodeSpace::<Machine>::for_table(table).unwrap();
        let listener = Arc::new(Stencils::default());
        space.listen(listener.clone());
        let plain = space.publish(&mut plain_asm).unwrap();
        assert_eq!(*listener.0.lock().unwrap(), []);
        let mut asm = Assembler::new(&traced);
        stitch(&mut asm);
        let code = space.publish(&mut asm).unwrap();
        assert_eq!(code.bytes(), plain.bytes(), "constants apart, it does not depend on its place");
        let stencils = listener.0.lock().unwrap().clone();
        let op_of = |mark: &Mark| {
            let op = table
                .ops()
                .iter()
                .find(|op| (op.variants.start..op.variants.start + op.variants.len).contains(&mark.tag));
            table.text(op.unwrap().name)
        };
        let names: Vec<&str> = stencils.iter().map(op_of).collect();
        assert_eq!(names, ["four", "move_ints", "add", "frame_zero", "ret", "leave"]);
        // Each ends where the next one starts, but for the prologue in front of the first.
        let mut at = stencils[0].offset;
        for mark in &stencils {
            assert_eq!(mark.offset, at, "{names:?}");
            at += u32::from(table.stencils()[mark.tag as usize].len);
        }
        assert_eq!(at as usize, code.bytes().len());
    }
}
