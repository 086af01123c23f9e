//! Words of an assembly text.

use super::error::{TextError, TextErrorKind};
use std::iter::Peekable;
use std::str::Chars;

/// A place in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) line: usize,
    pub(super) column: usize,
}

impl Position {
    pub(super) const fn error(self, kind: TextErrorKind) -> TextError {
        TextError { line: self.line, column: self.column, kind }
    }
}

/// A word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A name, a keyword, a mnemonic, a register.
    Word(String),
    /// Something that starts like a number.
    Number(String),
    /// A string, without its quotes and escapes.
    String(Vec<u8>),
    /// One of `( ) { } , : =`.
    Mark(char),
    /// `->`.
    Arrow,
    /// The end of a line; also stands at the end of the text.
    EndOfLine,
}

impl Token {
    /// The word as an error message shows it.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Word(text) | Self::Number(text) => format!("`{text}`"),
            Self::String(_) => "a string".into(),
            Self::Mark(mark) => format!("`{mark}`"),
            Self::Arrow => "`->`".into(),
            Self::EndOfLine => "the end of the line".into(),
        }
    }
}

/// Whether `name` can be written without quotes.
pub(super) fn is_word(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(starts_word) && chars.all(continues_word)
}

fn starts_word(char: char) -> bool {
    char.is_ascii_alphabetic() || char == '_'
}

fn continues_word(char: char) -> bool {
    char.is_ascii_alphanumeric() || char == '_' || char == '.'
}

/// Splits a text into words.
pub(super) fn lex(text: &str) -> Result<Vec<(Position, Token)>, TextError> {
    let mut tokens = Vec::new();
    for (line, content) in (1..).zip(text.lines()) {
        let mut lexer = Lexer { chars: content.chars().peekable(), at: Position { line, column: 1 } };
        while let Some(token) = lexer.token()? {
            tokens.push(token);
        }
        tokens.push((lexer.at, Token::EndOfLine));
    }
    Ok(tokens)
}

struct Lexer<'t> {
    chars: Peekable<Chars<'t>>,
    at: Position,
}

impl Lexer<'_> {
    fn bump(&mut self) -> Option<char> {
        let char = self.chars.next()?;
        self.at.column += 1;
        Some(char)
    }

    /// The next word of the line, if there is one before a comment.
    fn token(&mut self) -> Result<Option<(Position, Token)>, TextError> {
        while self.chars.next_if(|char| char.is_whitespace()).is_some() {
            self.at.column += 1;
        }
        let start = self.at;
        let Some(first) = self.chars.next_if(|char| *char != ';') else {
            return Ok(None);
        };
        self.at.column += 1;
        let token = match first {
            '(' | ')' | '{' | '}' | ',' | ':' | '=' => Token::Mark(first),
            '"' => Token::String(self.string(start)?),
            '-' if self.chars.next_if_eq(&'>').is_some() => {
                self.at.column += 1;
                Token::Arrow
            }
            '-' | '0'..='9' => Token::Number(self.number(first)),
            _ if starts_word(first) => {
                let mut word = String::from(first);
                while let Some(char) = self.chars.next_if(|char| continues_word(*char)) {
                    self.at.column += 1;
                    word.push(char);
                }
                Token::Word(word)
            }
            _ => return Err(start.error(TextErrorKind::Character(first))),
        };
        Ok(Some((start, token)))
    }

    fn number(&mut self, first: char) -> String {
        let mut text = String::from(first);
        let hexadecimal = |text: &str| text.starts_with("0x");
        while let Some(char) = self.chars.next_if(|char| {
            let exponent = text.ends_with(['e', 'E']) && !hexadecimal(&text);
            continues_word(*char) || matches!(char, '+' | '-') && exponent
        }) {
            self.at.column += 1;
            text.push(char);
        }
        text
    }

    fn string(&mut self, start: Position) -> Result<Vec<u8>, TextError> {
        let mut bytes = Vec::new();
        loop {
            let at = self.at;
            match self.bump() {
                None => return Err(start.error(TextErrorKind::OpenString)),
                Some('"') => return Ok(bytes),
                Some('\\') => {
                    let byte = self.escape();
                    bytes.push(byte.ok_or_else(|| at.error(TextErrorKind::Escape))?);
                }
                Some(char) => {
                    bytes.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
                }
            }
        }
    }

    fn escape(&mut self) -> Option<u8> {
        Some(match self.bump()? {
            'n' => b'\n',
            't' => b'\t',
            'r' => b'\r',
            '0' => 0,
            '\\' => b'\\',
            '"' => b'"',
            'x' => {
                let high = self.bump()?.to_digit(16)?;
                let low = self.bump()?.to_digit(16)?;
                (high * 16 + low) as u8
            }
            _ => return None,
        })
    }
}
