//! An op set as the rest of this crate sees it: our own nodes, which keep syn's for their spans.

mod ways;

pub use ways::{WayOut, camel_case};

use proc_macro2::Ident;
use syn::{Attribute, Block, Item, Path, Token, Type, Visibility};

/// A module marked `#[stencils]`.
#[derive(Debug)]
pub struct OpSet {
    /// The module's attributes, without `#[stencils]`.
    pub attrs: Vec<Attribute>,
    /// The module's visibility.
    pub vis: Visibility,
    /// The module's name.
    pub ident: Ident,
    /// The arguments of `#[stencils]`.
    pub args: SetArgs,
    /// The one machine.
    pub machine: Machine,
    /// Ops the author wrote, then fusions, then the ops that every bank gets.
    pub ops: Vec<Op>,
    /// Everything else in the module.
    pub items: Vec<Item>,
}

/// The arguments of `#[stencils]`.
#[derive(Debug, Clone)]
pub struct SetArgs {
    /// The table's name: `table = "vm3"`.
    pub table: String,
    /// Where the runtime is: `runtime = ::path`, `::stencil_runtime` by default.
    pub runtime: Path,
    /// What operands are allowed by default.
    pub operand: Choices,
}

/// The struct marked `#[machine]`.
#[derive(Debug)]
pub struct Machine {
    /// The attributes, without `#[machine]`.
    pub attrs: Vec<Attribute>,
    /// The visibility.
    pub vis: Visibility,
    /// The name.
    pub ident: Ident,
    /// What every op receives and passes on.
    pub fixed: Vec<Fixed>,
    /// The registers.
    pub banks: Vec<Bank>,
}

impl Machine {
    /// The index of the fixed part that slots are relative to.
    #[must_use]
    pub fn frame(&self) -> Option<usize> {
        self.fixed.iter().position(|fixed| fixed.frame)
    }
}

/// A fixed part of the machine.
#[derive(Debug)]
pub struct Fixed {
    /// Doc comments.
    pub attrs: Vec<Attribute>,
    /// The name.
    pub ident: Ident,
    /// A raw pointer type.
    pub ty: Type,
    /// Whether slots are relative to it.
    pub frame: bool,
}

/// A bank of registers.
#[derive(Debug)]
pub struct Bank {
    /// Doc comments.
    pub attrs: Vec<Attribute>,
    /// The name.
    pub ident: Ident,
    /// The type of one register.
    pub ty: Type,
    /// How many registers, where nothing more specific is said.
    pub count: usize,
    /// How many registers under a convention, an architecture or both.
    pub counts: Vec<(CountKey, usize)>,
}

/// What a register count is given for: `wide = 6`, `aarch64 = 8`, `aarch64_wide = 10`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CountKey {
    /// The architecture, or any.
    pub architecture: Option<crate::layout::Architecture>,
    /// The convention, or any.
    pub convention: Option<crate::layout::Convention>,
}

/// The places that an operand or result may be in: the digits of its axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choices {
    /// The first so many registers; `None` is all of them.
    pub registers: RegisterChoice,
    /// Frame slots.
    pub slot: bool,
    /// Literals.
    pub literal: bool,
}

impl Choices {
    /// Any register, any slot, any literal.
    pub const EVERYWHERE: Self = Self { registers: RegisterChoice::All, slot: true, literal: true };
    /// Any register, nothing else.
    pub const REGISTERS: Self = Self { registers: RegisterChoice::All, slot: false, literal: false };
}

/// Which registers of a bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegisterChoice {
    /// All registers of the bank.
    All,
    /// Registers 0 up to this number.
    First(usize),
}

/// One op.
#[derive(Debug)]
pub struct Op {
    /// The attributes, without ours: documentation and lint levels.
    pub attrs: Vec<Attribute>,
    /// Whether the author's function is `unsafe`: then whoever runs its body vouches for what it asks for.
    pub unsafety: Option<Token![unsafe]>,
    /// The name.
    pub ident: Ident,
    /// The results.
    pub results: Vec<OpResult>,
    /// Whether the return type is `!`.
    pub never: bool,
    /// The parameters in the order they were written.
    pub params: Vec<Param>,
    /// What the op does.
    pub action: Action,
    /// Which of the ways out that have no parameter the body uses.
    pub ways: Ways,
}

/// An op whose signature makes no sense: only how many values it would take is known, so that uses of it elsewhere do not
/// add errors of their own.
#[derive(Debug)]
pub struct Lost {
    /// The name.
    pub ident: Ident,
    /// How many results.
    pub results: usize,
    /// How many parameters.
    pub params: usize,
}

/// A result of an op.
#[derive(Debug)]
pub struct OpResult {
    /// What the emission API calls it: `dst`, `dst1`, … unless a fusion names it.
    pub ident: Ident,
    /// The bank.
    pub bank: usize,
    /// Where it may go.
    pub choices: Choices,
}

/// Ways out without a parameter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ways {
    /// `ret!()`.
    pub returns: bool,
    /// `leave!()`.
    pub leaves: bool,
}

/// What an op does.
#[derive(Debug)]
pub enum Action {
    /// The body the author wrote.
    Body(Box<Block>),
    /// A sequence of other ops.
    Fused(Vec<Step>),
    /// `dst = src` within a bank.
    Move,
    /// Keep a register in the anchor's scratch.
    Stash,
    /// Bring it back.
    Unstash,
}

/// One op of a fusion.
#[derive(Debug, Clone)]
pub struct Step {
    /// The op's index.
    pub op: usize,
    /// For every value of that op, the value of the fused op.
    pub values: Vec<usize>,
}

/// A parameter of an op.
#[derive(Debug)]
pub struct Param {
    /// The name.
    pub ident: Ident,
    /// Whether the author wrote `mut` before it.
    pub mutable: bool,
    /// The type as written.
    pub ty: Type,
    /// What it is.
    pub kind: ParamKind,
}

/// What a parameter is.
#[derive(Debug)]
pub enum ParamKind {
    /// A value of a bank's type.
    Operand {
        /// The bank.
        bank: usize,
        /// The places it may be in.
        choices: Choices,
    },
    /// A constant that is patched in.
    Hole(HoleType),
    /// A branch target.
    Label,
    /// A cold way out.
    Exit,
    /// Other stitched code.
    Callee,
    /// `&Fixed` or `&mut Fixed`.
    Fixed,
}

/// The type of a `#[hole]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HoleType {
    /// An integer of 8 to 32 bits, `bool` or `f32`: patched as a zero-extended word of 16 or 32 bits.
    Word(WordType),
    /// `i64`, `u64`, `isize`, `usize`.
    Int64,
    /// `f64`.
    F64,
    /// A raw pointer.
    Pointer,
    /// A function pointer.
    Function,
    /// A host function in the convention of the architecture.
    HostFn(Box<syn::TypeBareFn>),
}

/// A hole type of at most 32 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WordType {
    /// An integer of 32 bits.
    Int,
    /// An integer of 8 or 16 bits.
    Half,
    /// `bool`.
    Bool,
    /// `f32`, by its bits.
    F32,
}

/// A value of an op, in the order the table numbers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// Result number so and so.
    Result(usize),
    /// The parameter with this index.
    Param(usize),
}

impl Op {
    /// The op's values: results, operands, then everything else that is patched, each in the order written.
    #[must_use]
    pub fn values(&self) -> Vec<Value> {
        let is_operand = |param: &&(usize, &Param)| matches!(param.1.kind, ParamKind::Operand { .. });
        let params: Vec<_> = self.params.iter().enumerate().collect();
        let rest = |param: &&(usize, &Param)| !is_operand(param) && !matches!(param.1.kind, ParamKind::Fixed);
        (0..self.results.len())
            .map(Value::Result)
            .chain(params.iter().filter(is_operand).map(|(index, _)| Value::Param(*index)))
            .chain(params.iter().filter(rest).map(|(index, _)| Value::Param(*index)))
            .collect()
    }

    /// How many of the values are axes: results and operands.
    #[must_use]
    pub fn axis_count(&self) -> usize {
        let operand = |param: &&Param| matches!(param.kind, ParamKind::Operand { .. });
        self.results.len() + self.params.iter().filter(operand).count()
    }

    /// The bank and the places of an axis.
    #[must_use]
    pub fn axis(&self, value: Value) -> Option<(usize, Choices)> {
        match value {
            Value::Result(index) => Some((self.results[index].bank, self.results[index].choices)),
            Value::Param(index) => match self.params[index].kind {
                ParamKind::Operand { bank, choices } => Some((bank, choices)),
                _ => None,
            },
        }
    }

    /// The name of a value.
    #[must_use]
    pub fn value_ident(&self, value: Value) -> &Ident {
        match value {
            Value::Result(index) => &self.results[index].ident,
            Value::Param(index) => &self.params[index].ident,
        }
    }

    /// Whether the plain function returns a flow value rather than the results themselves.
    #[must_use]
    pub fn has_flow(&self) -> bool {
        self.never
            || self.ways != Ways::default()
            || self.params.iter().any(|p| matches!(p.kind, ParamKind::Label | ParamKind::Exit | ParamKind::Callee))
    }

    /// Whether the op calls the host.
    #[must_use]
    pub fn calls_host(&self) -> bool {
        self.params.iter().any(|param| matches!(param.kind, ParamKind::Hole(HoleType::HostFn(_) | HoleType::Function)))
    }

    /// Gives the op a body that fits any signature, because its own is wrong.
    pub fn silence(&mut self) {
        if let Action::Body(block) = &mut self.action {
            **block = syn::parse_quote!({ loop {} });
        }
    }
}
