//! The machine as a struct that the host fills and reads, and its description for the runtime.

use super::evaluate;
use crate::ast::OpSet;
use crate::hash::{self, canonical_type};
use crate::layout::{Argument, Convention, Target};
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

pub(super) fn expand(set: &OpSet) -> TokenStream {
    let machine = &set.machine;
    let (attrs, vis, ident) = (&machine.attrs, &machine.vis, &machine.ident);
    let runtime = &set.args.runtime;
    let private = quote!(#runtime::__private);
    let fixed = machine.fixed.iter().map(|fixed| {
        let (attrs, ident, ty) = (&fixed.attrs, &fixed.ident, &fixed.ty);
        let doc = format!(" The fixed part `{ident}`.");
        let docs = if attrs.is_empty() { quote!(#[doc = #doc]) } else { quote!(#(#attrs)*) };
        quote!(#docs pub #ident: #ty)
    });
    let banks = machine.banks.iter().enumerate().map(|(index, bank)| {
        let (attrs, ident, ty) = (&bank.attrs, &bank.ident, &bank.ty);
        let most = machine.most_registers(index);
        let doc = format!(" The registers of the bank `{ident}`; how many a table pins, the table says.");
        let docs = if attrs.is_empty() { quote!(#[doc = #doc]) } else { quote!(#(#attrs)*) };
        quote!(#docs pub #ident: [#ty; #most])
    });
    let fixed_names: Vec<_> = machine.fixed.iter().map(|fixed| &fixed.ident).collect();
    let fixed_types: Vec<_> = machine.fixed.iter().map(|fixed| &fixed.ty).collect();
    let fixed_index = 0..fixed_names.len();
    let fixed_index: Vec<_> = fixed_index.collect();
    let fixed_count = fixed_names.len();
    let frame = match machine.frame() {
        Some(index) => quote!(::core::option::Option::Some(#index)),
        None => quote!(::core::option::Option::None),
    };
    let bank_names: Vec<_> = machine.banks.iter().map(|bank| &bank.ident).collect();
    let bank_types: Vec<_> = machine.banks.iter().map(|bank| &bank.ty).collect();
    let bank_index: Vec<_> = (0..bank_names.len()).collect();
    let layouts = Convention::ALL.map(|convention| layout(set, convention, &private));
    let evaluate = evaluate::arms(set, &private);
    let (name, hash) = (&set.args.table, hash::of_set(set));
    let doc =
        format!(" The machine of the op set `{name}`: what the host enters stitched code with, and what it gets back.");
    let context_type = machine.fixed.first().map(|fixed| match &fixed.ty {
        syn::Type::Ptr(pointer) => (*pointer.elem).clone(),
        ty => ty.clone(),
    });
    // What the compiler says about a context without an anchor, it says at the type of the first fixed part. The name of
    // the anchor itself is taken in every op set, so it can be nothing else.
    let context_type = context_type.filter(|context| canonical_type(context) != "Anchor");
    let anchor = context_type.as_ref().map(|context| {
        if canonical_type(context) == "Anchor" {
            return quote_spanned! {context.span()=>
                const fn anchor_of(anchor: &#context) -> &#private::Anchor { anchor }
                let _ = anchor_of;
            };
        }
        quote_spanned! {context.span()=>
            const fn anchor_of(context: &#context) -> &#private::Anchor { &context.anchor }
            ::core::assert!(
                ::core::mem::offset_of!(#context, anchor) == 0,
                "the struct that the machine's first fixed part points to must be `#[repr(C)]` and start with `anchor: Anchor`"
            );
            let _ = anchor_of;
        }
    });
    quote! {
        #[doc = #doc]
        #(#attrs)*
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
        #[repr(C)]
        #vis struct #ident { #(#fixed,)* #(#banks,)* }

        const _: () = {
            // The runtime finds its anchor where the first fixed part points to.
            #anchor

            impl #private::OpSet for #ident {
                const NAME: &'static ::core::primitive::str = #name;
                const HASH: ::core::primitive::u128 = #hash;
                const FIXED: ::core::primitive::usize = #fixed_count;
                const FRAME: ::core::option::Option<::core::primitive::usize> = #frame;
                type Fixed = Fixed;

                fn fixed_words(fixed: &Fixed) -> [::core::primitive::u64; #private::MAX_FIXED] {
                    let mut words = [0; #private::MAX_FIXED];
                    #(words[#fixed_index] = <#fixed_types as #private::Register>::to_bits(fixed.#fixed_names);)*
                    words
                }

                fn fixed_from_words(words: [::core::primitive::u64; #private::MAX_FIXED]) -> Fixed {
                    Fixed { #(#fixed_names: <#fixed_types as #private::Register>::from_bits(words[#fixed_index]),)* }
                }

                fn load(&self, convention: #private::Convention, registers: &mut #private::Registers) {
                    for argument in Self::layout(convention) {
                        match *argument {
                            #(#private::Argument::Fixed { position, index: #fixed_index } =>
                                registers.ints[position] = <#fixed_types as #private::Register>::to_bits(self.#fixed_names),)*
                            #(#private::Argument::Register { position, float, bank: #bank_index, number } => {
                                let bits = <#bank_types as #private::Register>::to_bits(self.#bank_names[number]);
                                if float { registers.floats[position] = bits } else { registers.ints[position] = bits }
                            })*
                            _ => {}
                        }
                    }
                }

                fn store(&mut self, convention: #private::Convention, registers: &#private::Registers) {
                    for argument in Self::layout(convention) {
                        match *argument {
                            #(#private::Argument::Fixed { position, index: #fixed_index } =>
                                self.#fixed_names = <#fixed_types as #private::Register>::from_bits(registers.ints[position]),)*
                            #(#private::Argument::Register { position, float, bank: #bank_index, number } => {
                                let bits = if float { registers.floats[position] } else { registers.ints[position] };
                                self.#bank_names[number] = <#bank_types as #private::Register>::from_bits(bits);
                            })*
                            _ => {}
                        }
                    }
                }

                fn evaluate(
                    vouched: #private::Vouched,
                    op: ::core::primitive::u32,
                    fixed: &mut Fixed,
                    values: &[::core::primitive::u64],
                    results: &mut [::core::primitive::u64],
                ) -> #private::Way {
                    let (_, _, _, _) = (vouched, &fixed, &values, &results);
                    match op {
                        #evaluate
                        _ => #private::Way::NoBody,
                    }
                }

                fn layout(convention: #private::Convention) -> &'static [#private::Argument] {
                    #(#layouts)*
                    &[]
                }
            }
        };
    }
}

/// The arguments of a convention on the architecture the program is compiled for.
fn layout(set: &OpSet, convention: Convention, private: &TokenStream) -> TokenStream {
    let variant = match convention {
        Convention::Portable => quote!(Portable),
        Convention::Wide => quote!(Wide),
    };
    let targets = Target::all().into_iter().filter(|target| target.convention == convention).map(|target| {
        let (mut ints, mut floats) = (0_usize, 0_usize);
        let arguments = set.machine.arguments(target).into_iter().filter_map(|argument| {
            let float =
                matches!(argument, Argument::Register(bank, _) if crate::layout::is_float(&set.machine.banks[bank].ty));
            let next = if float { &mut floats } else { &mut ints };
            let position = *next;
            *next += 1;
            match argument {
                Argument::Fixed(index) => {
                    Some(quote!(#private::Argument::Fixed { position: #position, index: #index }))
                }
                Argument::Register(bank, number) => Some(quote!(#private::Argument::Register {
                    position: #position, float: #float, bank: #bank, number: #number
                })),
                Argument::Padding(_) => None,
            }
        });
        let arguments: Vec<_> = arguments.collect();
        let architecture = target.architecture.name();
        quote! {
            #[cfg(target_arch = #architecture)]
            if convention == #private::Convention::#variant {
                return &[#(#arguments),*];
            }
        }
    });
    quote!(#(#targets)*)
}
