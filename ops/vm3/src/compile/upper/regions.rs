//! The regions of the heap that frames keep.

use super::function::Function;
use crate::native::{RELEASE, RELEASE_KEEPING};
use crate::stencils::ops::{Arenas, Context, REGION, Slots, Vector};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{BlockArg, InstBuilder, Value, types};
use std::mem::offset_of;

impl Function<'_> {
    /// Begins the region of the frame that starts at slot `base` of this one.
    pub(super) fn open_region(&mut self, base: u32) {
        let words = self.region_now();
        for (word, slot) in words.into_iter().zip(base + REGION as u32..) {
            self.store(word, slot);
        }
    }

    /// Ends the frame's region, before a return; the result keeps what it names if `keeping`. Gives the result.
    pub(super) fn close_region(&mut self, result: Value, keeping: bool) -> Value {
        let [low, high] = self.region_now();
        let slots = REGION as u32..;
        let [low_before, high_before] = [slots.start, slots.start + 1].map(|slot| self.load(slot));
        let low = self.builder.ins().bxor(low, low_before);
        let high = self.builder.ins().bxor(high, high_before);
        let changed = self.builder.ins().bor(low, high);
        let (slow, done) = (self.cold_block(), self.builder.create_block());
        let after = self.builder.append_block_param(done, types::I64);
        let changed = self.builder.ins().icmp_imm_s(IntCC::NotEqual, changed, 0);
        self.builder.ins().brif(changed, slow, &[], done, &[BlockArg::Value(result)]);
        self.go_on(slow);
        let kept = if keeping {
            let arguments = [self.context, self.frame, result];
            self.call_host(RELEASE_KEEPING as *const (), &arguments, &[types::I64])[0]
        } else {
            self.call_host(RELEASE as *const (), &[self.context, self.frame], &[types::I64]);
            result
        };
        self.builder.ins().jump(done, &[BlockArg::Value(kept)]);
        self.go_on(done);
        after
    }

    /// The region that would begin now, as [`crate::stencils::ops::region_words`] lays it out.
    fn region_now(&mut self) -> [Value; 2] {
        const LENGTH: usize = offset_of!(Slots<Vector<u64>>, length);
        let fields = [offset_of!(Arenas, strings), offset_of!(Arenas, lists), offset_of!(Arenas, maps)];
        let [strings, lists, maps] = fields.map(|field| {
            let at = offset_of!(Context, arenas) + field + LENGTH;
            self.builder.ins().uload32(self.memory.context, self.context, at as i32)
        });
        let lists = self.builder.ins().ishl_imm_u(lists, 32);
        [self.builder.ins().bor(strings, lists), maps]
    }
}
