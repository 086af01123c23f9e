//! From the tokens of a module to an [`OpSet`]. What is parsed here is the shape; rules that span several parts are in
//! [`check`(crate::check).

mod args;
mod attrs;
mod built_in;
mod fuse;
mod machine;
mod op;
mod places;
mod types;

pub(crate) use attrs::{OURS, is_attr};

use crate::ast::{Choices, Lost, Machine, Op, OpSet, SetArgs};
use crate::check;
use crate::diag::Errors;
use proc_macro2::{Ident, Span, TokenStream};
use syn::{Attribute, Item, ItemMod, Visibility, parse_quote};

/// What a module is: as much of the set as is sound, and everything that is wrong.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The set, or its outside when there is no machine to make one with.
    pub(crate) set: Result<OpSet, Outside>,
    /// Ops and fusions whose signature makes no sense.
    pub(crate) lost: Vec<Lost>,
    /// What is wrong.
    pub(crate) errors: Errors,
}

/// What is known of a set without a sound machine.
#[derive(Debug)]
pub(crate) struct Outside {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) ident: Ident,
    pub(crate) args: SetArgs,
    /// The name of the machine, if there is one.
    pub(crate) machine: Option<Ident>,
    pub(crate) ops: Vec<Op>,
    pub(crate) items: Vec<Item>,
}

/// Parses and checks the module that `#[stencils(args)]` stands on.
///
/// # Errors
/// Every mistake that was found, each at its own span, in the order of the file.
pub fn op_set(args: TokenStream, module: ItemMod) -> syn::Result<OpSet> {
    let outcome = parse(args, module);
    outcome.errors.finish()?;
    outcome.set.map_err(|outside| syn::Error::new(outside.ident.span(), NO_MACHINE))
}

const NO_MACHINE: &str =
    "no machine in this op set; add a struct with `#[machine]` that lists the fixed parts and the register banks";

/// Parses and checks a module.
pub(crate) fn parse(args: TokenStream, module: ItemMod) -> Outcome {
    let mut errors = Errors::new();
    let args = errors.keep(syn::parse2::<args::SetSyntax>(args)).unwrap_or_default();
    let mut machines = Vec::new();
    let mut functions = Vec::new();
    let mut fusions = Vec::new();
    let mut items = Vec::new();
    let inline = module.content.is_some();
    if !inline {
        let message = "an op set must be an inline module; write `mod name { … }` here instead of a file of its own";
        errors.at(&module.ident, message);
    }
    for item in module.content.map(|(_, content)| content).unwrap_or_default() {
        match item {
            Item::Struct(item) if attrs::has(&item.attrs, "machine") => machines.push(item),
            Item::Fn(item) if attrs::has(&item.attrs, "stencil") => functions.push(item),
            Item::Verbatim(tokens) => fusions.push(tokens),
            item => items.push(item),
        }
    }
    if let Some(second) = machines.get(1) {
        errors.at(&second.ident, "an op set has one machine; remove this one or move it to a set of its own");
    }
    if inline && machines.is_empty() {
        errors.at(&module.ident, NO_MACHINE);
    }
    if inline && functions.is_empty() {
        errors.at(&module.ident, "this op set is empty; add at least one function with `#[stencil]`");
    }
    let before = errors.len();
    let machine = machines.into_iter().next().map(|machine| machine::parse(machine, &mut errors));
    machine.iter().for_each(|machine| check::machine(machine, &mut errors));
    let sound = machine.is_some() && errors.len() == before;
    let name = machine.as_ref().map(|machine| machine.ident.clone());
    let machine = machine.unwrap_or_else(|| machine::nothing(&module.ident));
    let args = set_args(args, &machine, &mut errors);

    let mut lost = Vec::new();
    let mut ops = Vec::new();
    let mut broken = Vec::new();
    for function in functions {
        let before = errors.len();
        match op::parse(function, &machine, args.operand, &mut errors) {
            Ok(op) => {
                if errors.len() > before {
                    broken.push(ops.len());
                }
                ops.push(op);
            }
            Err(op) => lost.push(op),
        }
    }
    for tokens in fusions {
        match fuse::parse(tokens, &ops, &lost, &machine, &mut errors) {
            Ok(op) => ops.push(op),
            Err(op) => lost.extend(op),
        }
    }
    let attrs = module.attrs.into_iter().map(attrs::outer).collect();
    let (vis, ident) = (module.vis, module.ident);
    let mut set = if sound {
        ops.extend(built_in::ops(&machine));
        let mut set = OpSet { attrs, vis, ident, args, machine, ops, items };
        broken.extend(check::set(&mut set, &lost, &mut errors));
        Ok(set)
    } else {
        broken.extend(check::parts(&ops, &items, &mut errors));
        Err(Outside { attrs, vis, ident, args, machine: name, ops, items })
    };
    let ops = set.as_mut().map_or_else(|outside| &mut outside.ops, |set| &mut set.ops);
    broken.into_iter().for_each(|op| ops[op].silence());
    Outcome { set, lost, errors }
}

/// The arguments of the set, with the defaults filled in.
fn set_args(args: args::SetSyntax, machine: &Machine, errors: &mut Errors) -> SetArgs {
    args.errors.into_iter().for_each(|error| errors.push(error));
    SetArgs {
        table: args.table.map(|table| table.value()).unwrap_or_default(),
        runtime: args.runtime.unwrap_or_else(|| parse_quote!(::stencil_runtime)),
        operand: args.operand.map_or(Choices::EVERYWHERE, |places| places.choices(machine, None, errors)),
    }
}

/// A name that the expansion makes at a place of the author's file.
fn ident(name: &str, span: Span) -> Ident {
    Ident::new(name, span)
}
