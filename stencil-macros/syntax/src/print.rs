//! Tokens to text that keeps the author's lines: every token that has a place in the author's file starts a new line
//! where it did there, and the map says which place of the text came from where. So an error of the compiler in an op
//! body can be shown in the author's file.

use proc_macro2::{Delimiter, LineColumn, Spacing, TokenStream, TokenTree};

/// Printed tokens and where they came from.
#[derive(Debug, Default)]
pub struct Printed {
    /// The text.
    pub text: String,
    /// Pairs of places, ordered by the place in the text: text, author's file. Lines count from 1, columns from 0.
    pub map: Vec<(LineColumn, LineColumn)>,
}

impl Printed {
    /// Where the token that stands at or before a place of the text came from, if one on the same line did.
    #[must_use]
    pub fn origin(&self, line: usize, column: usize) -> Option<LineColumn> {
        let after = self.map.partition_point(|(at, _)| (at.line, at.column) <= (line, column));
        let (at, origin) = self.map.get(after.checked_sub(1)?)?;
        (at.line == line).then_some(*origin)
    }
}

/// Prints `tokens` after `lines_before` lines of other text.
#[must_use]
pub fn print(tokens: TokenStream, lines_before: usize) -> Printed {
    let mut printer =
        Printer { out: Printed::default(), line: lines_before + 1, column: 0, source_line: 0, joint: true, indent: 0 };
    printer.stream(tokens);
    printer.newline();
    printer.out
}

struct Printer {
    out: Printed,
    line: usize,
    column: usize,
    /// The author's line that the last token with a place stood on.
    source_line: usize,
    /// Whether the last token was a punctuation that belongs to the next one.
    joint: bool,
    indent: usize,
}

impl Printer {
    fn stream(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => {
                    let (open, close) = match group.delimiter() {
                        Delimiter::Parenthesis => ("(", ")"),
                        Delimiter::Brace => ("{", "}"),
                        Delimiter::Bracket => ("[", "]"),
                        Delimiter::None => ("", ""),
                    };
                    self.token(open, group.span_open().start());
                    self.joint = true;
                    self.indent += 1;
                    self.stream(group.stream());
                    self.indent -= 1;
                    self.joint = false;
                    self.token(close, group.span_close().start());
                }
                TokenTree::Ident(ident) => self.token(&ident.to_string(), ident.span().start()),
                TokenTree::Literal(literal) => self.token(&literal.to_string(), literal.span().start()),
                TokenTree::Punct(punct) => {
                    let mut text = [0; 4];
                    self.token(punct.as_char().encode_utf8(&mut text), punct.span().start());
                    self.joint = punct.spacing() == Spacing::Joint || punct.as_char() == '\'';
                }
            }
        }
    }

    fn token(&mut self, text: &str, origin: LineColumn) {
        // Tokens that the expansion made have the place 1:0 of no file.
        let placed = origin.line > 1 || origin.column > 0;
        if placed && origin.line != self.source_line && !self.joint {
            self.newline();
        } else if !self.joint {
            self.put(" ");
        }
        if placed {
            self.source_line = origin.line;
            self.out.map.push((LineColumn { line: self.line, column: self.column }, origin));
        }
        self.put(text);
        self.joint = false;
    }

    fn newline(&mut self) {
        self.out.text.push('\n');
        self.line += 1;
        self.column = 0;
        self.put(&"    ".repeat(self.indent));
    }

    fn put(&mut self, text: &str) {
        self.out.text.push_str(text);
        let lines = text.matches('\n').count();
        self.line += lines;
        let last = text.rsplit('\n').next().unwrap_or_default().chars().count();
        self.column = if lines == 0 { self.column + last } else { last };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;
    use std::str::FromStr;

    /// A program that puts every kind of token on lines of its own.
    const SOURCE: &str = "// The first place of a file is nowhere.\nfn f<'a>(x: &'a i64) -> i64 {\n    // A comment, and an empty line.\n\n    let text = \"two\n    lines\";\n    x.wrapping_add(text.len() as i64) >>= 1..=2\n}\n";

    /// Line and column of the place in a text, as [`LineColumn`] counts.
    fn place(text: &str, at: usize) -> (usize, usize) {
        let before = &text[..at];
        let line = before.rsplit('\n').next().unwrap_or_default();
        (before.matches('\n').count() + 1, line.chars().count())
    }

    #[test]
    fn every_token_is_found_where_it_came_from() {
        let tokens = TokenStream::from_str(SOURCE).unwrap();
        let printed = print(quote!(#[allow(unused)] #tokens), 7);
        for word in ["fn", "i64", "text", "\"two", "wrapping_add", "len", "1", "}"] {
            let (line, column) = place(&printed.text, printed.text.find(word).unwrap());
            let origin = printed.origin(line + 7, column).unwrap();
            let expected = place(SOURCE, SOURCE.find(word).unwrap());
            assert_eq!((origin.line, origin.column), expected, "{word} in\n{}", printed.text);
        }
    }

    #[test]
    fn what_is_printed_is_the_same_program() {
        let tokens = TokenStream::from_str(SOURCE).unwrap();
        let again = TokenStream::from_str(&print(tokens.clone(), 0).text).unwrap();
        assert_eq!(again.to_string(), tokens.to_string());
    }

    #[test]
    fn what_the_expansion_made_has_no_origin() {
        let printed = print(
            quote!(
                struct Made;
            ),
            0,
        );
        assert_eq!(printed.map.len(), 0);
        assert_eq!(printed.origin(1, 0), None);
        assert_eq!(printed.origin(99, 0), None);
    }
}
