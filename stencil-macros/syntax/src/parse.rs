//! From the tokens of a module to an [`OpSet`]. What is parsed here is the shape; rules that span several parts are in
//! `check`.

mod args;
mod fuse;
mod machine;
mod op;

use crate::ast::{Action, Bank, Choices, Machine, Op, OpResult, OpSet, Param, ParamKind, RegisterChoice, Ways};
use crate::ast::{HoleType, WordType};
use crate::diag::Errors;
use proc_macro2::{Ident, Span, TokenStream};
use syn::{Item, ItemMod, Type, parse_quote};

/// Parses the module that `#[stencils(args)]` stands on.
///
/// # Errors
/// Every mistake that was found, each at its own span.
pub fn op_set(args: TokenStream, module: ItemMod) -> syn::Result<OpSet> {
    let mut errors = Errors::new();
    let args = errors.keep(syn::parse2::<args::Args>(args));
    let Some((_, content)) = module.content else {
        errors.at(
            &module.ident,
            "an op set must be an inline module; write `mod name { … }` here instead of a file of its own",
        );
        return Err(errors.finish().err().unwrap_or_else(|| syn::Error::new(Span::call_site(), "empty module")));
    };
    let args = args.and_then(|args| errors.keep(args.finish()));
    let default = args.as_ref().map_or(Choices::EVERYWHERE, |args| args.operand);
    let mut machines = Vec::new();
    let mut functions = Vec::new();
    let mut fusions = Vec::new();
    let mut items = Vec::new();
    for item in content {
        match item {
            Item::Struct(item) if has_attr(&item.attrs, "machine") => machines.push(item),
            Item::Fn(item) if has_attr(&item.attrs, "stencil") => functions.push(item),
            Item::Verbatim(tokens) => fusions.push(tokens),
            item => items.push(item),
        }
    }
    if let Some(second) = machines.get(1) {
        errors.at(&second.ident, "an op set has one machine; remove this one or move it to a set of its own");
    }
    let Some(machine) = machines.into_iter().next() else {
        errors.at(&module.ident, "no machine in this op set; add a struct with `#[machine]` that lists the fixed parts and the register banks");
        return Err(errors.finish().err().unwrap_or_else(|| syn::Error::new(Span::call_site(), "no machine")));
    };
    let machine = machine::parse(machine, &mut errors);
    let mut ops: Vec<Op> =
        functions.into_iter().filter_map(|function| op::parse(function, &machine, default, &mut errors)).collect();
    if ops.is_empty() && errors.is_empty() {
        errors.at(&module.ident, "this op set is empty; add at least one function with `#[stencil]`");
    }
    for tokens in fusions {
        if let Some(fused) = fuse::parse(tokens, &ops, &machine, &mut errors) {
            ops.push(fused);
        }
    }
    ops.extend(built_in(&machine));
    errors.finish()?;
    let Some(args) = args else { return Err(syn::Error::new(Span::call_site(), "malformed arguments")) };
    Ok(OpSet { attrs: module.attrs, vis: module.vis, ident: module.ident, args, machine, ops, items })
}

/// The ops every bank gets: moves, which the emission API offers too, and the two that the assembler borrows registers
/// with.
fn built_in(machine: &Machine) -> Vec<Op> {
    let mut ops = Vec::new();
    let places = |choices: Choices| Choices { slot: choices.slot && machine.frame().is_some(), ..choices };
    for (index, bank) in machine.banks.iter().enumerate() {
        let name = &bank.ident;
        let operand = |ident: &str, bank: &Bank, choices| Param {
            ident: Ident::new(ident, name.span()),
            mutable: false,
            ty: bank.ty.clone(),
            kind: ParamKind::Operand { bank: index, choices },
        };
        let word = || Param {
            ident: Ident::new("scratch", name.span()),
            mutable: false,
            ty: parse_quote!(u32),
            kind: ParamKind::Hole(HoleType::Word(WordType::Int)),
        };
        let result = |choices| OpResult { ident: Ident::new("dst", name.span()), bank: index, choices };
        let op = |prefix: &str, doc: String, results, params, action| Op {
            attrs: vec![parse_quote!(#[doc = #doc])],
            ident: Ident::new(&format!("{prefix}_{name}"), name.span()),
            results,
            never: false,
            params,
            action,
            ways: Ways::default(),
        };
        ops.push(op(
            "move",
            format!(" `dst = src`, for values of the bank `{name}`."),
            vec![result(places(Choices { literal: false, ..Choices::EVERYWHERE }))],
            vec![operand("src", bank, places(Choices::EVERYWHERE))],
            Action::Move,
        ));
        ops.push(op(
            "stash",
            format!(" Keeps a register of the bank `{name}` in the anchor."),
            vec![],
            vec![operand("src", bank, Choices::REGISTERS), word()],
            Action::Stash,
        ));
        ops.push(op(
            "unstash",
            format!(" Brings a register of the bank `{name}` back from the anchor."),
            vec![result(Choices::REGISTERS)],
            vec![word()],
            Action::Unstash,
        ));
    }
    ops
}

impl Choices {
    /// Any register, any slot, any literal.
    pub const EVERYWHERE: Self = Self { registers: RegisterChoice::All, slot: true, literal: true };
    /// Any register, nothing else.
    pub const REGISTERS: Self = Self { registers: RegisterChoice::All, slot: false, literal: false };
}

/// Whether one of our attributes, by its last segment, is among them.
fn has_attr(attrs: &[syn::Attribute], name: &str) -> bool {
    attrs.iter().any(|attr| is_attr(attr, name))
}

fn is_attr(attr: &syn::Attribute, name: &str) -> bool {
    attr.path().segments.last().is_some_and(|segment| segment.ident == name)
}

/// The bank whose registers have this type.
fn bank_of(machine: &Machine, ty: &Type) -> Option<usize> {
    machine.banks.iter().position(|bank| bank.ty == *ty)
}

/// The banks' types for a message: `i64` or `f64`.
fn bank_types(machine: &Machine) -> String {
    let types = machine.banks.iter().map(|bank| format!("`{}`", crate::hash::canonical_type(&bank.ty)));
    types.collect::<Vec<_>>().join(", ")
}
