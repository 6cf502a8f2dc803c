//! Paths and literals as they stand in code, wherever they stand: imports, expressions, macros.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::ToTokens;

/// A path (`std::fs::read`, from `use std::{fs::read, io}` too), or a string's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) line: usize,
}

/// Every path of two segments and more, and every single name.
pub(super) fn paths(syntax: &syn::File) -> Vec<Word> {
    let mut found = Vec::new();
    collect_paths(syntax.to_token_stream(), "", &mut found);
    found
}

/// The values of all string and byte string literals, documentation too.
pub(super) fn strings(syntax: &syn::File) -> Vec<Word> {
    let mut found = Vec::new();
    collect_strings(syntax.to_token_stream(), &mut found);
    found
}

/// Whether `path` is `prefix` or lies below it.
pub(super) fn is_below(path: &str, prefix: &str) -> bool {
    let path = path.trim_start_matches("::");
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn collect_paths(tokens: TokenStream, prefix: &str, found: &mut Vec<Word>) {
    let mut path = Path::new(prefix);
    for token in tokens {
        match token {
            TokenTree::Ident(name) => {
                let line = name.span().start().line;
                path.push_name(&name.to_string(), line, found);
            }
            TokenTree::Punct(colon) if colon.as_char() == ':' => {
                path.push_colon(colon.spacing(), found);
            }
            TokenTree::Group(group) => {
                let branches = group.delimiter() == Delimiter::Brace && path.is_open();
                let below = if branches { path.text.clone() } else { String::new() };
                // What branches is spelt out by its branches: by itself it is named by nobody.
                if branches {
                    path.begin_anew();
                } else {
                    path.finish(found);
                }
                collect_paths(group.stream(), &below, found);
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => path.finish(found),
        }
    }
    path.finish(found);
}

/// The path that is being read.
struct Path<'p> {
    prefix: &'p str,
    text: String,
    line: usize,
    colons: u8,
}

impl<'p> Path<'p> {
    fn new(prefix: &'p str) -> Self {
        Self { prefix, text: prefix.to_owned(), line: 0, colons: 0 }
    }

    /// Whether it ends in `::`, so that a name or a group of names goes on with it.
    fn is_open(&self) -> bool {
        self.text.ends_with("::")
    }

    fn push_name(&mut self, name: &str, line: usize, found: &mut Vec<Word>) {
        if !self.text.is_empty() && !self.is_open() {
            self.finish(found);
        }
        self.text.push_str(name);
        self.line = line;
        self.colons = 0;
    }

    fn push_colon(&mut self, spacing: Spacing, found: &mut Vec<Word>) {
        self.colons += 1;
        match (self.colons, spacing) {
            (1, Spacing::Joint) => {}
            (2, _) => {
                self.text.push_str("::");
                self.colons = 0;
            }
            _ => self.finish(found),
        }
    }

    fn finish(&mut self, found: &mut Vec<Word>) {
        let text = self.text.trim_end_matches("::");
        if self.line > 0 && !text.is_empty() {
            found.push(Word { text: text.to_owned(), line: self.line });
        }
        self.begin_anew();
    }

    fn begin_anew(&mut self) {
        self.prefix.clone_into(&mut self.text);
        self.line = 0;
        self.colons = 0;
    }
}

fn collect_strings(tokens: TokenStream, found: &mut Vec<Word>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => collect_strings(group.stream(), found),
            TokenTree::Literal(literal) => {
                let line = literal.span().start().line;
                let literal = syn::Lit::new(literal);
                if let syn::Lit::Str(text) = &literal {
                    found.push(Word { text: text.value(), line });
                } else if let syn::Lit::ByteStr(bytes) = &literal {
                    let text = String::from_utf8_lossy(&bytes.value()).into_owned();
                    found.push(Word { text, line });
                }
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(words: &[Word]) -> Vec<&str> {
        words.iter().map(|word| word.text.as_str()).collect()
    }

    #[test]
    fn imports_are_spelt_out() {
        let syntax = syn::parse_str("use std::{fs::{self, File}, io as other};").unwrap();
        let found = paths(&syntax);
        let found = texts(&found);
        assert!(found.contains(&"std::fs::self"));
        assert!(found.contains(&"std::fs::File"));
        assert!(found.contains(&"std::io"));
        assert!(!found.contains(&"std::fs") && !found.contains(&"std"));
    }

    #[test]
    fn paths_in_macros_and_types_are_seen_with_their_line() {
        let text = "fn a(x: ::std::net::IpAddr) {\n    assert!(tokio::spawn(x));\n}";
        let found = paths(&syn::parse_str(text).unwrap());
        assert!(found.iter().any(|w| is_below(&w.text, "std::net")));
        assert!(found.contains(&Word { text: "tokio::spawn".to_owned(), line: 2 }));
    }

    #[test]
    fn a_prefix_ends_at_a_segment() {
        assert!(is_below("std::fs", "std::fs"));
        assert!(!is_below("std::fsx::a", "std::fs"));
    }

    #[test]
    fn strings_of_bytes_are_strings() {
        let text = "const A: (&str, &[u8]) = (\"PUT\", b\"GET\");";
        assert_eq!(texts(&strings(&syn::parse_str(text).unwrap())), ["PUT", "GET"]);
    }
}
