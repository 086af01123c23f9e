//! The op bodies by number, over words: how an interpreter that is generic over op sets, and every test, runs them.

use super::super::plain;
use crate::ast::{Action, HoleType, Op, OpSet, ParamKind, Value, WordType};
use proc_macro2::TokenStream;
use quote::quote;

/// The arms of `OpSet::evaluate`, one per op that has a body.
pub(super) fn arms(set: &OpSet, private: &TokenStream) -> TokenStream {
    let arms = set.ops.iter().enumerate().filter_map(|(index, op)| {
        let index = index as u32;
        let body = match op.action {
            Action::Body(_) => body(set, op, private),
            Action::Move => quote!(results[0] = values[1]; #private::Way::Next),
            Action::Fused(_) | Action::Stash | Action::Unstash => return None,
        };
        Some(quote!(#index => { #body }))
    });
    quote!(#(#arms)*)
}

fn body(set: &OpSet, op: &Op, private: &TokenStream) -> TokenStream {
    let values = op.values();
    let number = |param: usize| values.iter().position(|value| *value == Value::Param(param)).unwrap_or_default();
    let arguments = op.params.iter().enumerate().filter_map(|(index, param)| {
        let at = number(index);
        let bits = quote!(values[#at]);
        let ty = &param.ty;
        match &param.kind {
            ParamKind::Label | ParamKind::Exit | ParamKind::Callee => None,
            ParamKind::Fixed => Some(quote!(fixed)),
            ParamKind::Operand { bank, .. } => {
                let ty = &set.machine.banks[*bank].ty;
                Some(quote!(<#ty as #private::Register>::from_bits(#bits)))
            }
            ParamKind::Hole(hole) => Some(match hole {
                HoleType::Word(WordType::Int | WordType::Half) => quote!(#bits as #ty),
                HoleType::Word(WordType::Bool) => quote!(#bits & 1 != 0),
                HoleType::Word(WordType::F32) => {
                    quote!(::core::primitive::f32::from_bits(#bits as ::core::primitive::u32))
                }
                HoleType::Int64 => quote!(#bits as #ty),
                HoleType::F64 => quote!(::core::primitive::f64::from_bits(#bits)),
                HoleType::Pointer => quote!(#bits as ::core::primitive::usize as #ty),
                HoleType::Function | HoleType::HostFn(_) => quote!(vouched.function(#bits)),
            }),
        }
    });
    let ident = &op.ident;
    let call = quote!(self::#ident(#(#arguments),*));
    // Somebody vouched for the words and the fixed parts.
    let call = if op.unsafety.is_some() { quote!(unsafe { #call }) } else { call };
    let keep = keep_results(op, private);
    if !op.has_flow() {
        return quote!(let out = #call; #keep #private::Way::Next);
    }
    let flow = op.flow_ident();
    let flow = quote!(self::#flow);
    let next = (!op.never).then(|| {
        if op.results.is_empty() {
            quote!(#flow::Next => #private::Way::Next,)
        } else {
            quote!(#flow::Next(out) => { #keep #private::Way::Next })
        }
    });
    let ways = plain::ways(op).into_iter().map(|(call, param, variant, _)| {
        let way = match param.and_then(|param| op.params.iter().position(|other| other.ident == *param)) {
            Some(index) => {
                let at = number(index);
                quote!(Target(#at))
            }
            None if call == "ret" => quote!(Return),
            None => quote!(Leave),
        };
        quote!(#flow::#variant => #private::Way::#way,)
    });
    quote!(match #call { #next #(#ways)* })
}

fn keep_results(op: &Op, private: &TokenStream) -> TokenStream {
    match op.results.len() {
        0 => quote!(let () = out;),
        1 => quote!(results[0] = #private::Register::to_bits(out);),
        count => {
            let index = (0..count).map(syn::Index::from);
            let at = 0..count;
            quote!(#(results[#at] = #private::Register::to_bits(out.#index);)*)
        }
    }
}
