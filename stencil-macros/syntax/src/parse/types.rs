//! What the type of a parameter, result or field means.

use crate::ast::{HoleType, Machine, ParamKind, WordType};
use crate::hash::canonical_type;
use syn::{Error, GenericArgument, PathArguments, Result, Type, TypeBareFn};

/// The type without the parentheses and invisible groups around it.
pub(super) fn plain(ty: Type) -> Type {
    match ty {
        Type::Paren(inner) => plain(*inner.elem),
        Type::Group(inner) => plain(*inner.elem),
        ty => ty,
    }
}

/// The bank whose registers have this type. A machine without banks is an error of its own, and then every type is one.
pub(super) fn bank_of(machine: &Machine, ty: &Type) -> Option<usize> {
    if machine.banks.is_empty() { Some(0) } else { machine.banks.iter().position(|bank| bank.ty == *ty) }
}

/// The banks' types for a message.
pub(super) fn bank_types(machine: &Machine) -> String {
    let types: Vec<_> = machine.banks.iter().map(|bank| canonical_type(&bank.ty)).collect();
    crate::diag::alternatives(&types)
}

/// The types that mean something by their name, as `kind` and the way to write them.
pub(super) fn special(ty: &Type) -> Option<ParamKind> {
    if let Type::Reference(reference) = ty {
        return names(&reference.elem, "Fixed").then_some(ParamKind::Fixed);
    }
    [("Label", ParamKind::Label), ("Exit", ParamKind::Exit), ("Callee", ParamKind::Callee)]
        .into_iter()
        .find_map(|(name, kind)| names(ty, name).then_some(kind))
}

fn names(ty: &Type, name: &str) -> bool {
    matches!(ty, Type::Path(path) if path.qself.is_none() && path.path.is_ident(name))
}

/// Why a type can be neither an operand nor a result, when there is more to say than that no bank has it.
pub(super) fn reproach(ty: &Type) -> Option<&'static str> {
    let mentions = |name: &str| {
        let text = canonical_type(ty);
        text.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| word == name)
    };
    Some(match ty {
        Type::ImplTrait(_) => "an operand has one type for all stencils; write one op per type instead of `impl`",
        Type::TraitObject(_) | Type::Slice(_) => {
            "a value of an unsized type does not fit a register; take a raw pointer and a length"
        }
        Type::Path(path) if path.path.is_ident("str") => {
            "a value of an unsized type does not fit a register; take a raw pointer and a length"
        }
        Type::Infer(_) => "an op's signature cannot be inferred; write the type",
        _ if names(ty, "Fixed") => "the fixed parts are passed by reference; write `&mut Fixed`",
        _ if mentions("Fixed") => "the fixed parts are passed as they are; write `&mut Fixed`",
        _ if mentions("Label") => "a label is no value that another type could hold; write `name: Label`",
        _ if mentions("Exit") => "an exit is no value that another type could hold; write `name: Exit`",
        _ if mentions("Callee") => "a callee is no value that another type could hold; write `name: Callee`",
        Type::Reference(reference) if reference.lifetime.is_some() => {
            "a stencil knows no lifetimes; take a raw pointer such as `*const T`"
        }
        Type::Reference(_) => "a register holds no reference; take a raw pointer such as `*const T`",
        _ => return None,
    })
}

/// What is wrong with a raw pointer's target.
pub(super) fn thin(ty: &Type) -> Result<()> {
    let Type::Ptr(pointer) = ty else { return Ok(()) };
    let wide = match &*pointer.elem {
        Type::Slice(_) | Type::TraitObject(_) => true,
        Type::Path(path) => path.path.is_ident("str"),
        _ => false,
    };
    if wide {
        let message = "a pointer to an unsized type has 128 bits; point to the first element and pass the length apart";
        return Err(Error::new_spanned(&pointer.elem, message));
    }
    Ok(())
}

/// The type of a `#[hole]`.
pub(super) fn hole(ty: &Type) -> Result<HoleType> {
    let unsupported = || {
        let message = "a hole is an integer of 8 to 64 bits, `bool`, `f32`, `f64`, a raw pointer, a function pointer or `HostFn<fn(…)>`";
        Error::new_spanned(ty, message)
    };
    match ty {
        Type::Ptr(_) => thin(ty).map(|()| HoleType::Pointer),
        Type::BareFn(_) => Ok(HoleType::Function),
        Type::Path(path) => {
            let segment = path.path.segments.last().ok_or_else(unsupported)?;
            match segment.ident.to_string().as_str() {
                "u8" | "u16" | "i8" | "i16" => Ok(HoleType::Word(WordType::Half)),
                "u32" | "i32" => Ok(HoleType::Word(WordType::Int)),
                "bool" => Ok(HoleType::Word(WordType::Bool)),
                "f32" => Ok(HoleType::Word(WordType::F32)),
                "u64" | "i64" | "usize" | "isize" => Ok(HoleType::Int64),
                "f64" => Ok(HoleType::F64),
                "HostFn" => {
                    let PathArguments::AngleBracketed(args) = &segment.arguments else { return Err(unsupported()) };
                    match args.args.first() {
                        Some(GenericArgument::Type(Type::BareFn(function))) if args.args.len() == 1 => {
                            host_function(function).map(|()| HoleType::HostFn(Box::new(function.clone())))
                        }
                        _ => Err(unsupported()),
                    }
                }
                _ => Err(unsupported()),
            }
        }
        _ => Err(unsupported()),
    }
}

fn host_function(function: &TypeBareFn) -> Result<()> {
    if let Some(abi) = &function.abi {
        let message = "a host function is called in the architecture's own convention on every system; remove `extern`";
        return Err(Error::new_spanned(abi, message));
    }
    if let Some(variadic) = &function.variadic {
        return Err(Error::new_spanned(variadic, "a host function cannot be variadic; list its parameters"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hole_of(text: &str) -> std::result::Result<HoleType, String> {
        hole(&syn::parse_str(text).unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn holes_are_known_by_their_types() {
        for text in ["u8", "i16"] {
            assert_eq!(hole_of(text), Ok(HoleType::Word(WordType::Half)), "{text}");
        }
        assert_eq!(hole_of("u32"), Ok(HoleType::Word(WordType::Int)));
        assert_eq!(hole_of("bool"), Ok(HoleType::Word(WordType::Bool)));
        assert_eq!(hole_of("core::primitive::f32"), Ok(HoleType::Word(WordType::F32)));
        assert_eq!(hole_of("usize"), Ok(HoleType::Int64));
        assert_eq!(hole_of("*const Entry"), Ok(HoleType::Pointer));
        assert_eq!(hole_of("unsafe fn(i64) -> i64"), Ok(HoleType::Function));
        assert!(matches!(hole_of("HostFn<fn(i64) -> i64>"), Ok(HoleType::HostFn(_))));
        for text in ["i128", "char", "&u8", "[u8; 2]", "(u8, u8)", "HostFn", "HostFn<i64>", "HostFn<fn(), fn()>"] {
            assert!(hole_of(text).unwrap_err().starts_with("a hole is an integer"), "{text}");
        }
        for text in ["*const str", "*mut [u8]", "*const dyn Send"] {
            assert!(hole_of(text).unwrap_err().starts_with("a pointer to an unsized type"), "{text}");
        }
    }

    #[test]
    fn a_bank_is_found_behind_parentheses() {
        let ty: Type = syn::parse_str("((i64))").unwrap();
        assert_eq!(plain(ty), syn::parse_str("i64").unwrap());
    }
}
