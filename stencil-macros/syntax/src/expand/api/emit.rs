//! The emission API: one method per op.

use crate::ast::{Action, HoleType, Lost, Op, OpSet, ParamKind, Value, WordType, camel_case};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

/// The trait of all methods and its implementation. `lost` are ops that get a method only so that its uses add no
/// errors of their own.
pub(super) fn expand(set: &OpSet, lost: &[Lost]) -> TokenStream {
    let runtime = &set.args.runtime;
    let machine = &set.machine.ident;
    let vis = &set.machine.vis;
    let methods = set.ops.iter().enumerate().filter_map(|(index, op)| method(set, index, op));
    let methods: Vec<_> = methods.chain(lost.iter().map(anything)).collect();
    let signatures = methods.iter().map(|(docs, signature, _)| quote!(#docs #signature;));
    let bodies = methods.iter().map(|(_, signature, body)| quote!(#[inline] #signature { #body }));
    let doc =
        format!(" Emission of the ops of `{}`: each method appends one op to the code being stitched.", set.args.table);
    quote! {
        #[doc = #doc]
        #[doc = ""]
        #[doc = " The first error is kept by the assembler and returned when the code is finished."]
        #[allow(clippy::too_many_arguments, reason = "an op's signature is its operands")]
        #vis trait Emit { #(#signatures)* }

        impl Emit for #runtime::Assembler<'_, #machine> { #(#bodies)* }
    }
}

/// Documentation, signature and body of an op's method.
fn method(set: &OpSet, index: usize, op: &Op) -> Option<(TokenStream, TokenStream, TokenStream)> {
    if matches!(op.action, Action::Stash | Action::Unstash) {
        return None;
    }
    let runtime = &set.args.runtime;
    let values = op.values();
    let axes = op.axis_count();
    let results = op.results.iter().map(|result| {
        let (ident, ty) = (&result.ident, &set.machine.banks[result.bank].ty);
        quote!(#ident: impl ::core::convert::Into<#runtime::Place<#ty>>)
    });
    let params = op.params.iter().filter(|param| !matches!(param.kind, ParamKind::Fixed)).map(|param| {
        let (ident, ty) = (&param.ident, &param.ty);
        match &param.kind {
            ParamKind::Operand { .. } => quote!(#ident: impl ::core::convert::Into<#runtime::Operand<#ty>>),
            ParamKind::Label | ParamKind::Exit => quote!(#ident: #runtime::Label),
            ParamKind::Callee => quote!(#ident: impl ::core::convert::Into<#runtime::Callee>),
            ParamKind::Hole(HoleType::HostFn(_)) => {
                let owner = host_owner(set, op, &param.ident);
                quote!(#ident: #owner)
            }
            _ => quote!(#ident: #ty),
        }
    });
    let ident = &op.ident;
    let signature = quote!(fn #ident(&mut self, #(#results,)* #(#params),*));
    let places = values[..axes].iter().map(|value| {
        let ident = op.value_ident(*value);
        let (bank, _) = op.axis(*value).unwrap_or((0, crate::ast::Choices::REGISTERS));
        let ty = &set.machine.banks[bank].ty;
        let sort = match value {
            Value::Result(_) => quote!(Place),
            Value::Param(_) => quote!(Operand),
        };
        quote!(<#runtime::Placed as ::core::convert::From<#runtime::#sort<#ty>>>::from(::core::convert::Into::into(#ident)))
    });
    let rest = values[axes..].iter().map(|value| {
        let Value::Param(index) = value else { return TokenStream::new() };
        let param = &op.params[*index];
        let ident = &param.ident;
        match &param.kind {
            ParamKind::Callee => quote!(self.callee(::core::convert::Into::into(#ident))),
            ParamKind::Hole(ty) => {
                let bits = hole_bits(ty, ident);
                quote!(#runtime::Placed::word(#bits))
            }
            _ => quote!(#runtime::Placed::label(#ident)),
        }
    });
    // The assembler wants a word 0 behind the op's values, for the holes that a stencil does not have.
    let (count, number) = (values.len() + 1, index as u32);
    // The values are built before the assembler is borrowed, in a variable that no parameter can be called.
    let words = Ident::new("words", Span::mixed_site());
    let body = quote! {
        let #words = [#(#places,)* #(#rest,)* #runtime::Placed::word(0)];
        self.emit::<#axes, #count>(#number, #words);
    };
    // What the author allows of the op, such as its name, goes for the method too.
    let attrs = op.attrs.iter().filter(|attr| attr.path().is_ident("doc") || attr.path().is_ident("allow"));
    let docs = quote!(#(#attrs)*);
    Some((docs, signature, body))
}

/// The method of an op whose signature is wrong.
fn anything(op: &Lost) -> (TokenStream, TokenStream, TokenStream) {
    let ident = &op.ident;
    let types: Vec<_> = (0..op.results + op.params).map(|index| format_ident!("T{index}")).collect();
    let signature = quote!(fn #ident<#(#types),*>(&mut self, #(_: #types),*));
    (quote!(#[allow(missing_docs)]), signature, TokenStream::new())
}

/// The type of a host function, which the op that declares it has an alias for; a fusion uses its step's.
fn host_owner(set: &OpSet, op: &Op, param: &Ident) -> Ident {
    let (mut owner, mut name) = (op, param.clone());
    if let Action::Fused(steps) = &op.action {
        let number = op.values().iter().position(|value| op.value_ident(*value) == param);
        for step in steps {
            let inner = &set.ops[step.op];
            if let Some(at) = step.values.iter().position(|value| Some(*value) == number) {
                owner = inner;
                name = inner.value_ident(inner.values()[at]).clone();
                break;
            }
        }
    }
    Ident::new(&camel_case(&format!("{}_{name}", owner.ident)), param.span())
}

/// The word that a hole's value is patched in as.
fn hole_bits(ty: &HoleType, ident: &Ident) -> TokenStream {
    let word = quote!(::core::primitive::u64);
    match ty {
        HoleType::Word(WordType::F32) => quote!(<#word as ::core::convert::From<_>>::from(#ident.to_bits())),
        HoleType::Word(WordType::Bool) => quote!(<#word as ::core::convert::From<_>>::from(#ident)),
        HoleType::Word(WordType::Int) => quote!(#ident as ::core::primitive::u32 as #word),
        HoleType::Word(WordType::Half) => quote!(#ident as ::core::primitive::u16 as #word),
        HoleType::Int64 => quote!(#ident as #word),
        HoleType::F64 => quote!(#ident.to_bits()),
        HoleType::Pointer => quote!(#ident as *const () as ::core::primitive::usize as #word),
        HoleType::Function | HoleType::HostFn(_) => quote!(#ident as ::core::primitive::usize as #word),
    }
}
