//! The decoded form of an op: operands are frame slots, constants stand in the op.

use crate::program::Bank;

/// A frame slot.
pub(crate) type Slot = u32;

/// A position in the function's code.
pub(crate) type Target = u32;

/// Where a call's result lands: a register number, because the bank can depend on the return op.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Landing {
    pub(crate) bank: Bank,
    pub(crate) register: u16,
}

/// A range of a function's [`super::Code::moves`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moves {
    pub(crate) start: u32,
    pub(crate) count: u8,
}

/// One op, decoded; 16 bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Inst {
    Nop,
    MovI64 {
        dst: Slot,
        src: Slot,
    },
    MovF64 {
        dst: Slot,
        src: Slot,
    },
    ConstI64 {
        dst: Slot,
        value: i64,
    },
    ConstF64 {
        dst: Slot,
        bits: u64,
    },
    ConstCell {
        dst: Slot,
        bits: u64,
    },
    AddI64 {
        dst: Slot,
        lhs: Slot,
        rhs: Slot,
    },
    SubI64 {
        dst: Slot,
        lhs: Slot,
        rhs: Slot,
    },
    MulI64 {
        dst: Slot,
        lhs: Slot,
        rhs: Slot,
    },
    DivI64 {
        dst: Slot,
        lhs: Slot,
        rhs: Slot,
    },
    ModI64 {
        dst: Slot,
        lhs: Slot,
        rhs: Slot,
    },
    NegI64 {
        dst: Slot,
        src: Slot,
    },
    AddI64K {
        dst: Slot,
        lhs: Slot,
        rhs: i16,
    },
    SubI64K {
        dst: Slot,
        lhs: Slot,
        rhs: i16,
    },
    MulI64K {
        dst: Slot,
        lhs: Slot,
        rhs: i16,
    },
    DivI64K {
        dst: Slot,
        lhs: Slot,
        rhs: i16,
    },
    ModI64K {
        dst: Slot,
        lhs: Slot,
        rhs: i16,
    },
    AddF64 {
        dst: Slot,
        lhs: Slot,
        rhs: Slot,
    },
    SubF64 {
        dst: Slot,
        lhs: Slot,
        rhs: Slot,
    },
    MulF64 {
        dst: Slot,
        lhs: Slot,
        rhs: Slot,
    },
    DivF64 {
        dst: Slot,
        lhs: Slot,
        rhs: Slot,
    },
    NegF64 {
        dst: Slot,
        src: Slot,
    },
    SqrtF64 {
        dst: Slot,
        src: Slot,
    },
    /// The second factor and the addend are register numbers, `start` is the slot of f64 register 0.
    FmaF64 {
        dst: Slot,
        lhs: Slot,
        rhs: u8,
        addend: u8,
        start: Slot,
    },
    I64ToF64 {
        dst: Slot,
        src: Slot,
    },
    F64ToI64 {
        dst: Slot,
        src: Slot,
    },
    JumpEqI64 {
        lhs: Slot,
        rhs: Slot,
        target: Target,
    },
    JumpNeI64 {
        lhs: Slot,
        rhs: Slot,
        target: Target,
    },
    JumpLtI64 {
        lhs: Slot,
        rhs: Slot,
        target: Target,
    },
    JumpLeI64 {
        lhs: Slot,
        rhs: Slot,
        target: Target,
    },
    JumpGtI64 {
        lhs: Slot,
        rhs: Slot,
        target: Target,
    },
    JumpGeI64 {
        lhs: Slot,
        rhs: Slot,
        target: Target,
    },
    JumpEqI64K {
        lhs: Slot,
        rhs: i16,
        target: Target,
    },
    JumpNeI64K {
        lhs: Slot,
        rhs: i16,
        target: Target,
    },
    JumpLtI64K {
        lhs: Slot,
        rhs: i16,
        target: Target,
    },
    JumpLeI64K {
        lhs: Slot,
        rhs: i16,
        target: Target,
    },
    JumpGtI64K {
        lhs: Slot,
        rhs: i16,
        target: Target,
    },
    JumpGeI64K {
        lhs: Slot,
        rhs: i16,
        target: Target,
    },
    JumpEqF64 {
        lhs: Slot,
        rhs: Slot,
        target: Target,
    },
    JumpNeF64 {
        lhs: Slot,
        rhs: Slot,
        target: Target,
    },
    JumpLtF64 {
        lhs: Slot,
        rhs: Slot,
        target: Target,
    },
    JumpLeF64 {
        lhs: Slot,
        rhs: Slot,
        target: Target,
    },
    JumpGtF64 {
        lhs: Slot,
        rhs: Slot,
        target: Target,
    },
    JumpGeF64 {
        lhs: Slot,
        rhs: Slot,
        target: Target,
    },
    Jump {
        target: Target,
    },
    LookupI64 {
        dst: Slot,
        index: Slot,
        table: u16,
    },
    /// `count` registers from slot `first` go to the first registers of `landing.bank` in the callee.
    Call {
        landing: Landing,
        callee: u16,
        count: u16,
        first: Slot,
    },
    CallMixed {
        landing: Landing,
        callee: u16,
        moves: Moves,
    },
    TailCallI64 {
        callee: u16,
        count: u16,
        first: Slot,
    },
    TailCallMixed {
        callee: u16,
        moves: Moves,
    },
    /// All of a function of the host: calls it and returns what it gives.
    Host {
        result: Bank,
    },
    /// A mixed call with more parameters than it can pass.
    CallTooWide,
    ReturnI64 {
        src: Slot,
    },
    ReturnF64 {
        src: Slot,
    },
    ReturnCell {
        src: Slot,
    },
    ReturnConst {
        value: i16,
    },
    Deopt {
        target: u16,
    },
    Unknown {
        code: u8,
    },
    LenStr {
        dst: Slot,
        string: Slot,
    },
    ConcatStr {
        dst: Slot,
        lhs: Slot,
        rhs: Slot,
    },
    NewList {
        dst: Slot,
        capacity: i16,
    },
    ListLen {
        dst: Slot,
        list: Slot,
    },
    ListPush {
        list: Slot,
        value: Slot,
    },
    ListGetI64 {
        dst: Slot,
        list: Slot,
        index: Slot,
    },
    ListSetI64 {
        list: Slot,
        value: Slot,
        index: Slot,
    },
    ListGetF64 {
        dst: Slot,
        list: Slot,
        index: Slot,
    },
    ListSetF64 {
        list: Slot,
        value: Slot,
        index: Slot,
    },
    NewMap {
        dst: Slot,
        expected: u16,
    },
    MapSet {
        map: Slot,
        key: Slot,
        value: Slot,
    },
    MapGet {
        dst: Slot,
        map: Slot,
        key: Slot,
    },
}

const _: () = assert!(size_of::<Inst>() == 16);
