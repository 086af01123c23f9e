//! The op bodies as plain functions, with what they need: the fixed parts, flow enums, host function types.

use crate::ast::{Action, HoleType, Op, OpSet, ParamKind, camel_case};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

/// Where the plain items stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    /// In the author's crate, where a panic of a host function may unwind.
    Host,
    /// Beside stencils, which have nothing to release.
    Stencils,
}

/// The plain items of a set. `inline` is the attribute that every body gets.
pub(super) fn items(set: &OpSet, inline: &TokenStream, place: For) -> TokenStream {
    let fixed = fixed_struct(set);
    let ops = set.ops.iter().map(|op| op_items(op, inline, place));
    quote! {
        #fixed
        #(#ops)*
    }
}

fn fixed_struct(set: &OpSet) -> TokenStream {
    let fields = set.machine.fixed.iter().map(|fixed| {
        let (attrs, ident, ty) = (&fixed.attrs, &fixed.ident, &fixed.ty);
        let doc = format!(" The fixed part `{ident}`.");
        let docs = if attrs.is_empty() { quote!(#[doc = #doc]) } else { quote!(#(#attrs)*) };
        quote!(#docs pub #ident: #ty)
    });
    quote! {
        /// The fixed parts of the machine: what every op receives and passes on.
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
        #[repr(C)]
        pub struct Fixed { #(#fields),* }
    }
}

fn op_items(op: &Op, inline: &TokenStream, place: For) -> TokenStream {
    let Action::Body(block) = &op.action else { return TokenStream::new() };
    let hosts = op.params.iter().filter_map(|param| match &param.kind {
        ParamKind::Hole(HoleType::HostFn(function)) => Some(host_type(op, &param.ident, function, place)),
        _ => None,
    });
    let params = op.params.iter().filter_map(|param| {
        let (ident, ty) = (&param.ident, &param.ty);
        let mutable = param.mutable.then(|| quote!(mut));
        match &param.kind {
            ParamKind::Label | ParamKind::Exit | ParamKind::Callee => None,
            ParamKind::Hole(HoleType::HostFn(_)) => {
                let ty = host_ident(op, ident);
                Some(quote!(#mutable #ident: #ty))
            }
            _ => Some(quote!(#mutable #ident: #ty)),
        }
    });
    let Op { attrs, unsafety, ident, .. } = op;
    let results = result_type(op);
    if !op.has_flow() {
        let output = (!op.results.is_empty()).then(|| quote!(-> #results));
        return quote! {
            #(#hosts)*
            #(#attrs)*
            #inline
            #[allow(clippy::too_many_arguments, reason = "an op's signature is its operands")]
            pub #unsafety fn #ident(#(#params),*) #output #block
        };
    }
    let flow = op.flow_ident();
    let (flow_enum, macros) = (flow_enum(op), way_macros(op));
    let body = if op.never {
        quote!(#block)
    } else if op.results.is_empty() {
        quote!(let () = #block; self::#flow::Next)
    } else {
        quote!(self::#flow::Next(#block))
    };
    quote! {
        #(#hosts)*
        #flow_enum
        #(#attrs)*
        #inline
        #[allow(
            clippy::too_many_arguments, clippy::needless_return, clippy::let_unit_value, clippy::diverging_sub_expression,
            unreachable_code,
            reason = "an op's signature is its operands, and its ways out are returns"
        )]
        pub #unsafety fn #ident(#(#params),*) -> #flow {
            #macros
            #body
        }
    }
}

/// The results as one type: `()`, `T` or a tuple.
pub(super) fn result_type(op: &Op) -> TokenStream {
    let types: Vec<_> = op.results.iter().map(|result| bank_alias(result.bank, op.ident.span())).collect();
    match types.as_slice() {
        [one] => quote!(#one),
        many => quote!((#(#many),*)),
    }
}

/// The alias that stands for the type of a bank's registers in generated signatures.
fn bank_alias(bank: usize, span: Span) -> Ident {
    format_ident!("__Bank{bank}", span = span)
}

/// The aliases of the banks' types.
pub(super) fn bank_aliases(set: &OpSet) -> TokenStream {
    let aliases = set.machine.banks.iter().enumerate().map(|(index, bank)| {
        let (alias, ty) = (bank_alias(index, bank.ident.span()), &bank.ty);
        quote!(#[doc(hidden)] pub type #alias = #ty;)
    });
    quote!(#(#aliases)*)
}

fn flow_enum(op: &Op) -> TokenStream {
    let flow = op.flow_ident();
    let doc = format!(" How [`{}`] goes on.", op.ident);
    let next = (!op.never).then(|| {
        let results = result_type(op);
        if op.results.is_empty() {
            quote!(
                #[doc = " To the next op."]
                Next,
            )
        } else {
            quote!(#[doc = " To the next op, with the results."] Next(#results),)
        }
    });
    let ways = ways(op).into_iter().map(|(_, _, variant, doc)| quote!(#[doc = #doc] #variant,));
    quote! {
        #[doc = #doc]
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy, ::core::cmp::PartialEq)]
        pub enum #flow { #next #(#ways)* }
    }
}

/// The ways out of an op besides the next one: the macro, the parameter, the variant of the flow enum, its
/// documentation.
pub(super) fn ways(op: &Op) -> Vec<(&'static str, Option<&Ident>, Ident, String)> {
    let ways = op.ways_out().into_iter().map(|way| {
        let doc = match (way.call, way.target) {
            ("jump", Some(target)) => format!(" Jumps to `{target}`."),
            ("exit", Some(target)) => format!(" Leaves through `{target}`."),
            (_, Some(target)) => format!(" Calls `{target}`."),
            ("ret", None) => " Returns to the caller.".to_owned(),
            (_, None) => " Leaves to the host.".to_owned(),
        };
        let span = way.target.unwrap_or(&op.ident).span();
        (way.call, way.target, Ident::new(&way.variant(), span), doc)
    });
    ways.collect()
}

/// `jump!`, `exit!` and the like as this op's body sees them.
fn way_macros(op: &Op) -> TokenStream {
    let flow = op.flow_ident();
    let ways = ways(op);
    let macros = ["jump", "exit", "call", "ret", "leave"].into_iter().filter_map(|name| {
        let arms: Vec<_> = ways
            .iter()
            .filter(|(call, ..)| *call == name)
            .map(|(_, param, variant, _)| quote!((#param) => { return self::#flow::#variant };))
            .collect();
        let ident = Ident::new(name, op.ident.span());
        (!arms.is_empty())
            .then(|| quote!(#[allow(unused_macros, unused_macro_rules)] macro_rules! #ident { #(#arms)* }))
    });
    quote!(#(#macros)*)
}

fn host_ident(op: &Op, param: &Ident) -> Ident {
    Ident::new(&camel_case(&format!("{}_{param}", op.ident)), param.span())
}

fn host_type(op: &Op, param: &Ident, function: &syn::TypeBareFn, place: For) -> TokenStream {
    let [here, elsewhere] = match place {
        For::Host => ["sysv64-unwind", "C-unwind"],
        For::Stencils => ["sysv64", "C"],
    };
    let alias = host_ident(op, param);
    let (lifetimes, inputs, output) = (&function.lifetimes, &function.inputs, &function.output);
    let doc = format!(" The host function `{param}` of [`{}`], in the convention of the architecture.", op.ident);
    quote! {
        #[doc = #doc]
        #[cfg(target_arch = "x86_64")]
        pub type #alias = #lifetimes unsafe extern #here fn(#inputs) #output;
        #[doc = #doc]
        #[cfg(not(target_arch = "x86_64"))]
        pub type #alias = #lifetimes unsafe extern #elsewhere fn(#inputs) #output;
    }
}
