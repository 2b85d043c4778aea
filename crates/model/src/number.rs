use serde::{Deserialize, Serialize};
use std::fmt;

/// A telephone number or SIP user as it came, at most 64 characters. It redacts itself: `Display` and `Debug` show `138****0021`;
/// only [`Number::reveal`] gives the whole.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Number(String);

const LONGEST: usize = 64;

impl Number {
    /// Takes a user part; control characters are dropped and the rest is cut at 64 characters.
    pub fn new(user: &str) -> Self {
        Self(user.chars().filter(|c| !c.is_control()).take(LONGEST).collect())
    }

    /// The whole number, for dialling, look-up and the record.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether the caller gave none.
    pub fn is_anonymous(&self) -> bool {
        self.0.is_empty() || self.0.eq_ignore_ascii_case("anonymous")
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let chars: Vec<char> = self.0.chars().collect();
        let (head, tail) = match chars.len() {
            0 => return f.write_str("anonymous"),
            1..=4 => return f.write_str("****"),
            5..=7 => (1, 1),
            _ => (3, 4),
        };
        let shown = |part: &[char]| part.iter().collect::<String>();
        write!(f, "{}****{}", shown(&chars[..head]), shown(&chars[chars.len() - tail..]))
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Number({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_redacts_itself_in_every_text_form() {
        let number = Number::new("13800130021");
        assert_eq!(number.to_string(), "138****0021");
        assert_eq!(format!("{number:?}"), "Number(138****0021)");
        assert_eq!(number.reveal(), "13800130021");
        assert_eq!(Number::new("12345").to_string(), "1****5");
        assert_eq!(Number::new("110").to_string(), "****");
        assert_eq!(Number::new("").to_string(), "anonymous");
    }

    #[test]
    fn control_characters_never_enter_a_number() {
        assert_eq!(Number::new("138\r\n0013\u{1b}[2J").reveal(), "1380013[2J");
        assert_eq!(Number::new(&"9".repeat(500)).reveal().len(), 64);
    }
}
