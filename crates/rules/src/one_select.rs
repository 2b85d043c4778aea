//! Whether a text of SQL is one statement that only reads (SQLite's lexical rules), told without a database.

/// Why a query is none that a look-up may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Otherwise {
    /// It begins with another word than `SELECT`, `WITH` or `VALUES`.
    Verb,
    /// It changes something behind its `WITH`.
    Writes,
    /// A second statement stands behind it.
    Second,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// Unquoted, in capitals.
    Word(String),
    Semicolon,
    Opens,
    Closes,
    Other,
}

/// `None` if it is one statement that only reads.
pub(crate) fn otherwise(query: &str) -> Option<Otherwise> {
    let tokens = tokens(query);
    if !matches!(tokens.first(), Some(Token::Word(word)) if ["SELECT", "WITH", "VALUES"].contains(&word.as_str())) {
        return Some(Otherwise::Verb);
    }
    let end = tokens.iter().position(|token| *token == Token::Semicolon).unwrap_or(tokens.len());
    if tokens[end..].iter().any(|token| *token != Token::Semicolon) {
        return Some(Otherwise::Second);
    }
    let mut depth = 0_u32;
    for (place, token) in tokens[..end].iter().enumerate() {
        match token {
            Token::Opens => depth += 1,
            Token::Closes => depth = depth.saturating_sub(1),
            Token::Word(word) if depth == 0 => {
                // `replace` is a function too.
                let into = matches!(tokens.get(place + 1), Some(Token::Word(next)) if next == "INTO");
                if matches!(word.as_str(), "INSERT" | "UPDATE" | "DELETE") || word == "REPLACE" && into {
                    return Some(Otherwise::Writes);
                }
            }
            Token::Word(_) | Token::Semicolon | Token::Other => {}
        }
    }
    None
}

fn tokens(query: &str) -> Vec<Token> {
    let (mut tokens, mut rest) = (Vec::new(), query);
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            _ if first.is_whitespace() => (None, first.len_utf8()),
            _ if rest.starts_with("--") => (None, rest.find('\n').unwrap_or(rest.len())),
            _ if rest.starts_with("/*") => (None, rest[2..].find("*/").map_or(rest.len(), |end| end + 4)),
            '\'' | '"' | '`' => (Some(Token::Other), quoted(rest, first)),
            '[' => (Some(Token::Other), rest.find(']').map_or(rest.len(), |end| end + 1)),
            ';' => (Some(Token::Semicolon), 1),
            '(' => (Some(Token::Opens), 1),
            ')' => (Some(Token::Closes), 1),
            _ if is_word(first) => {
                let length = rest.find(|next| !is_word(next)).unwrap_or(rest.len());
                (Some(Token::Word(rest[..length].to_ascii_uppercase())), length)
            }
            _ => (Some(Token::Other), first.len_utf8()),
        };
        tokens.extend(token);
        rest = &rest[length..];
    }
    tokens
}

fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_' || letter == '$' || !letter.is_ascii()
}

/// The length of a quoted text; its mark stands in it doubled, which reads like two texts.
fn quoted(rest: &str, mark: char) -> usize {
    rest[1..].find(mark).map_or(rest.len(), |end| end + 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_query_that_reads_is_known_with_comments_quotes_and_a_last_semicolon() {
        for query in [
            "SELECT agent FROM c WHERE number = ?1",
            "select 'it''s; DELETE' AS agent FROM [a;b] WHERE \"x;y\" = ?1 ; ; -- DROP TABLE c;",
            "/* ; */ WITH x AS (SELECT ?1) SELECT replace(agent, ';', '') AS agent FROM x;",
            "VALUES (?1)",
            "-- one\nSELECT ?1 /* open ; DELETE",
        ] {
            assert_eq!(otherwise(query), None, "{query}");
        }
    }

    #[test]
    fn what_writes_attaches_or_says_two_things_is_told() {
        for (query, why) in [
            ("DELETE FROM c WHERE number = ?1", Otherwise::Verb),
            ("ATTACH ?1 AS other", Otherwise::Verb),
            ("PRAGMA writable_schema = 1", Otherwise::Verb),
            ("", Otherwise::Verb),
            ("; SELECT ?1", Otherwise::Verb),
            ("SELECT ?1; DROP TABLE c", Otherwise::Second),
            ("SELECT ?1;;'x'", Otherwise::Second),
            ("WITH x AS (SELECT ?1) DELETE FROM c", Otherwise::Writes),
            ("WITH x AS (SELECT ?1) REPLACE INTO c SELECT * FROM x", Otherwise::Writes),
            ("with x as (select ?1) update c set agent = 1", Otherwise::Writes),
        ] {
            assert_eq!(otherwise(query), Some(why), "{query}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_to_its_end(query in "\\PC{0,80}") {
            let _ = otherwise(&query);
            let _ = otherwise(&format!("SELECT '{query}"));
        }
    }
}
