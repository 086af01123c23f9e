use stencil_matrix::{TABLES, ops::{Emit, Machine, Context, Fixed}};
use stencil_runtime::{Assembler, CodeSpace, Reg, Slot, memory::{Arena, ArenaConfig}};

#[test]
fn adds() {
    for table in TABLES.all().unwrap() {
        let space = CodeSpace::new(Arena::new(ArenaConfig::default()).unwrap(), table).unwrap();
        let mut asm = Assembler::<Machine>::new(table);
        asm.prologue();
        asm.add(Slot(1), 40, Slot(0));
        asm.move_ints(Reg(0), Slot(1));
        asm.add(Reg(0), Reg(0), 2);
        asm.add(Slot(2), Reg(0), i64::MAX);
        asm.ret();
        let code = space.publish(&mut asm).unwrap();
        println!("{:?}", code.check(table));
        println!("{:02x?}", code.bytes());
        let mut frame = [5_u64; 8];
        let mut context = Context::default();
        let fixed = Fixed { ctx: &raw mut context, frame: frame.as_mut_ptr() };
        unsafe { code.enter(0, &fixed) };
        assert_eq!(frame[..3], [5, 45, (47i64.wrapping_add(i64::MAX)) as u64]);
    }
}
