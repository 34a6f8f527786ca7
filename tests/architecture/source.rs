//! Reads a Rust source just well enough for the import rule: tokens without comments, literals and test code, and the paths
//! that start at `crate`, `super`, `self` or the library's name.

use std::collections::BTreeSet;

/// What one file says.
pub(super) struct Source {
    tokens: Vec<Token>,
    /// First-level modules that the file names, its own among them.
    pub(super) imports: BTreeSet<String>,
    /// Modules in files of their own that are declared for tests only.
    pub(super) test_modules: BTreeSet<Vec<String>>,
    /// Lines outside `#[cfg(test)]` items.
    pub(super) lines_without_tests: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Token {
    text: String,
    line: usize,
}

impl Source {
    /// Reads the text of the module at `module`.
    pub(super) fn read(text: &str, module: &[String]) -> Self {
        let (tokens, tests) = split_tests(tokenize(text));
        let test_lines: usize = tests.iter().map(|item| item[item.len() - 1].line - item[0].line + 1).sum();
        let test_modules = tests.iter().filter_map(|item| match item.as_slice() {
            [.., keyword, name, end] if keyword.text == "mod" && end.text == ";" => Some(name.text.clone()),
            _ => None,
        });
        Self {
            imports: imports(&tokens, module),
            test_modules: test_modules.map(|name| [module, &[name]].concat()).collect(),
            lines_without_tests: text.lines().count() - test_lines,
            tokens,
        }
    }

    /// Whether a name, or two joined by `::`, stands anywhere.
    pub(super) fn mentions(&self, path: &str) -> bool {
        let parts: Vec<_> = path.split("::").collect();
        let wanted: Vec<_> = parts.join(" :: ").split(' ').map(str::to_owned).collect();
        self.tokens.windows(wanted.len()).any(|window| window.iter().map(|token| &token.text).eq(&wanted))
    }
}

fn tokenize(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let (mut tokens, mut at, mut line) = (Vec::new(), 0, 1);
    while at < chars.len() {
        let end = literal_end(&chars, at).unwrap_or(at);
        if end > at {
            line += chars[at..end].iter().filter(|c| **c == '\n').count();
            at = end;
            continue;
        }
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let len = match chars[at] {
            c if is_word(c) => chars[at..].iter().take_while(|c| is_word(**c)).count(),
            ':' if chars.get(at + 1) == Some(&':') => 2,
            _ => 1,
        };
        if chars[at] == '\n' {
            line += 1;
        } else if !chars[at].is_whitespace() {
            tokens.push(Token { text: chars[at..at + len].iter().collect(), line });
        }
        at += len;
    }
    tokens
}

/// Where the comment or literal that starts here ends, if one starts here.
fn literal_end(chars: &[char], at: usize) -> Option<usize> {
    let starts = |text: &str| text.chars().eq(chars[at..].iter().copied().take(text.len()));
    if starts("//") {
        return Some(chars[at..].iter().position(|c| *c == '\n').map_or(chars.len(), |len| at + len));
    }
    if starts("/*") {
        return Some(block_comment_end(chars, at));
    }
    let follows_word = at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_');
    if !follows_word {
        let prefix = ["br", "cr", "r", "b", "c"].iter().find(|prefix| starts(prefix)).map_or(0, |prefix| prefix.len());
        let hashes = chars[at + prefix..].iter().take_while(|c| **c == '#').count();
        let quote = at + prefix + hashes;
        if prefix > 0 && chars[at..quote].contains(&'r') && chars.get(quote) == Some(&'"') {
            let close: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
            let found = chars[quote + 1..].windows(close.len()).position(|window| window == close);
            return Some(found.map_or(chars.len(), |len| quote + 1 + len + close.len()));
        }
        if hashes == 0 && prefix == 1 && matches!(chars.get(quote), Some('"' | '\'')) {
            return quoted_end(chars, quote);
        }
    }
    quoted_end(chars, at)
}

fn block_comment_end(chars: &[char], start: usize) -> usize {
    let (mut depth, mut at) = (0, start);
    while at + 1 < chars.len() {
        match (chars[at], chars[at + 1]) {
            ('/', '*') => depth += 1,
            ('*', '/') => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            return at;
        }
    }
    chars.len()
}

/// The end of a string or character; a lifetime is neither.
fn quoted_end(chars: &[char], at: usize) -> Option<usize> {
    let quote = chars[at];
    let is_char = quote == '\'' && (chars.get(at + 1) == Some(&'\\') || chars.get(at + 2) == Some(&'\''));
    if quote != '"' && !is_char {
        return None;
    }
    let mut end = at + 1;
    while end < chars.len() && chars[end] != quote {
        end += if chars[end] == '\\' { 2 } else { 1 };
    }
    Some((end + 1).min(chars.len()))
}

/// Parts the `#[cfg(test)]` items from the rest.
fn split_tests(tokens: Vec<Token>) -> (Vec<Token>, Vec<Vec<Token>>) {
    let mark: Vec<_> = "# [ cfg ( test ) ]".split(' ').collect();
    let (mut kept, mut tests, mut at) = (Vec::new(), Vec::new(), 0);
    while at < tokens.len() {
        let marked = tokens[at..].iter().take(mark.len()).map(|token| token.text.as_str()).eq(mark.iter().copied());
        if marked {
            let end = item_end(&tokens, at + mark.len());
            tests.push(tokens[at..end].to_vec());
            at = end;
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    (kept, tests)
}

/// An item ends with the first `;` or closed `{}` outside all brackets.
fn item_end(tokens: &[Token], start: usize) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(start) {
        match token.text.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth -= 1,
            _ => (),
        }
        if depth == 0 && matches!(token.text.as_str(), ";" | "}") {
            return at + 1;
        }
    }
    tokens.len()
}

fn imports(tokens: &[Token], module: &[String]) -> BTreeSet<String> {
    let (mut found, mut modules, mut depth, mut at) = (BTreeSet::new(), module.to_vec(), 0, 0);
    // At which depth of braces each inline module was opened.
    let mut inline = Vec::new();
    while at < tokens.len() {
        let follows = |text: &str, step: usize| tokens.get(at + step).is_some_and(|token| token.text == text);
        match tokens[at].text.as_str() {
            "mod" if follows("{", 2) => {
                inline.push(depth);
                modules.push(tokens[at + 1].text.clone());
                at += 1;
            }
            "{" => depth += 1,
            "}" => {
                depth -= 1;
                if inline.last() == Some(&depth) {
                    inline.pop();
                    modules.pop();
                }
            }
            "crate" | "super" | "self" | "vasp_registry" if follows("::", 1) && (at == 0 || tokens[at - 1].text != "::") => {
                let mut reader = at;
                tree(tokens, &mut reader, &modules, None, &mut found);
                at = reader;
                continue;
            }
            _ => (),
        }
        at += 1;
    }
    found
}

/// Reads a path or a tree of paths; notes the first-level module of each. `base` is what stands before, without a start yet
/// where it is `None`.
fn tree(tokens: &[Token], at: &mut usize, module: &[String], base: Option<Vec<String>>, found: &mut BTreeSet<String>) {
    let mut path = base;
    while let Some(token) = tokens.get(*at) {
        match token.text.as_str() {
            "{" => {
                *at += 1;
                while tokens.get(*at).is_some_and(|token| token.text != "}") {
                    tree(tokens, at, module, path.clone(), found);
                    while tokens.get(*at).is_some_and(|token| token.text != "," && token.text != "}") {
                        *at += 1;
                    }
                    if tokens.get(*at).is_some_and(|token| token.text == ",") {
                        *at += 1;
                    }
                }
                *at += 1;
                return;
            }
            "crate" | "vasp_registry" if path.is_none() => path = Some(Vec::new()),
            "self" => path = path.or_else(|| Some(module.to_vec())),
            "super" => {
                let mut parent = path.unwrap_or_else(|| module.to_vec());
                parent.pop();
                path = Some(parent);
            }
            name => path.get_or_insert_default().push(name.to_owned()),
        }
        *at += 1;
        if tokens.get(*at).is_some_and(|token| token.text == "::") {
            *at += 1;
        } else {
            break;
        }
    }
    found.extend(path.and_then(|path| path.first().cloned()));
}
