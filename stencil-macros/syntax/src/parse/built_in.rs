//! The ops every bank gets: moves, which the emission API offers too, and the two that the assembler borrows registers
//! with.

use super::ident;
use crate::ast::{Action, Bank, Choices, HoleType, Machine, Op, OpResult, Param, ParamKind, Ways, WordType};
use syn::parse_quote;

pub(super) fn ops(machine: &Machine) -> Vec<Op> {
    machine.banks.iter().enumerate().flat_map(|(index, bank)| of_bank(machine, index, bank)).collect()
}

fn of_bank(machine: &Machine, index: usize, bank: &Bank) -> [Op; 3] {
    let name = &bank.ident;
    let places = |choices: Choices| Choices { slot: choices.slot && machine.frame().is_some(), ..choices };
    let operand = |choices| Param {
        ident: ident("src", name.span()),
        mutable: false,
        ty: bank.ty.clone(),
        kind: ParamKind::Operand { bank: index, choices },
    };
    let word = || Param {
        ident: ident("scratch", name.span()),
        mutable: false,
        ty: parse_quote!(u32),
        kind: ParamKind::Hole(HoleType::Word(WordType::Int)),
    };
    let result = |choices| OpResult { ident: ident("dst", name.span()), bank: index, choices };
    let op = |prefix: &str, doc: String, results, params, action| Op {
        attrs: vec![parse_quote!(#[doc = #doc])],
        unsafety: None,
        ident: ident(&format!("{prefix}_{name}"), name.span()),
        results,
        never: false,
        params,
        action,
        ways: Ways::default(),
    };
    [
        op(
            "move",
            format!(" `dst = src`, for values of the bank `{name}`."),
            vec![result(places(Choices { literal: false, ..Choices::EVERYWHERE }))],
            vec![operand(places(Choices::EVERYWHERE))],
            Action::Move,
        ),
        op(
            "stash",
            format!(" Keeps a register of the bank `{name}` in the anchor."),
            vec![],
            vec![operand(Choices::REGISTERS), word()],
            Action::Stash,
        ),
        op(
            "unstash",
            format!(" Brings a register of the bank `{name}` back from the anchor."),
            vec![result(Choices::REGISTERS)],
            vec![word()],
            Action::Unstash,
        ),
    ]
}
