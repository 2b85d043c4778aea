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
            14.. if chars[0] == '+' => (6, 4),
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

/// A telephone number that we may dial, in the form that patterns and trunks see: ASCII digits only, national where it is one of the country
/// (`+86` and `0086` are taken off), `00` and the country code otherwise. Whatever a peer, a caller or a file wrote beside digits and one
/// leading `+` is refused instead of cleaned up: full-width digits, `;phone-context`, `%30`, `@`, spaces, control characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PhoneNumber(String);

/// Police, fire, ambulance, traffic accidents; and what mobile networks take for any of them (3GPP TS 22.101 §10).
const EMERGENCY: [&str; 6] = ["110", "119", "120", "122", "112", "911"];

/// Why a text is no number that can be dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotANumber {
    /// Something else than a digit stands in it.
    Foreign(char),
    /// Fewer than 3 digits.
    TooShort,
    /// More than 20 digits.
    TooLong,
}

/// Fewest digits: the short numbers of a country.
const FEWEST_DIGITS: usize = 3;
/// Most digits: 15 of E.164, and what dialling abroad puts before them.
const MOST_DIGITS: usize = 20;
const COUNTRY: &str = "86";

impl PhoneNumber {
    /// Takes digits, with one `+` before them at most.
    ///
    /// # Errors
    /// Anything else in it, or a length that no number has.
    pub fn parse(text: &str) -> Result<Self, NotANumber> {
        let (plus, digits) = text.strip_prefix('+').map_or((false, text), |digits| (true, digits));
        if let Some(foreign) = digits.chars().find(|c| !c.is_ascii_digit()) {
            return Err(NotANumber::Foreign(foreign));
        }
        match digits.len() {
            0..FEWEST_DIGITS => return Err(NotANumber::TooShort),
            FEWEST_DIGITS..=MOST_DIGITS => {}
            _ => return Err(NotANumber::TooLong),
        }
        let abroad = if plus { Some(digits) } else { digits.strip_prefix("00") };
        Ok(Self(match abroad {
            Some(abroad) => abroad.strip_prefix(COUNTRY).map_or_else(|| format!("00{abroad}"), national),
            None => digits.to_owned(),
        }))
    }

    /// The digits to be dialled.
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// Whether it leads out of the country.
    pub fn is_abroad(&self) -> bool {
        self.0.starts_with("00")
    }

    /// Whether police, fire brigade or ambulance answer: numbers that no machine dials for somebody else.
    pub fn is_emergency(&self) -> bool {
        EMERGENCY.contains(&self.0.as_str())
    }
}

/// The national form of a number that stood behind the country code: mobile and service numbers as they are, others with the 0 of their area.
fn national(rest: &str) -> String {
    let mobile = rest.len() == 11 && rest.starts_with('1') && rest.as_bytes()[1] >= b'3';
    let service = rest.len() == 10 && (rest.starts_with("400") || rest.starts_with("800"));
    if mobile || service || rest.starts_with('0') { rest.to_owned() } else { format!("0{rest}") }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Number(self.0.clone()), f)
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PhoneNumber({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_to_be_dialled_is_written_as_the_country_dials_it() {
        for (written, dialled) in [
            ("13800138000", "13800138000"),
            ("+8613800138000", "13800138000"),
            ("008613800138000", "13800138000"),
            ("+862188886666", "02188886666"),
            ("+861088886666", "01088886666"),
            ("+864008001234", "4008001234"),
            ("02188886666", "02188886666"),
            ("+12125551234", "0012125551234"),
            ("0012125551234", "0012125551234"),
            ("95588", "95588"),
        ] {
            assert_eq!(PhoneNumber::parse(written).unwrap().digits(), dialled, "{written}");
        }
        assert!(PhoneNumber::parse("+12125551234").unwrap().is_abroad());
        assert_eq!(format!("{:?}", PhoneNumber::parse("13800130021").unwrap()), "PhoneNumber(138****0021)");
    }

    #[test]
    fn every_trick_with_a_number_is_refused_and_none_is_cleaned_up() {
        for trick in [
            "１３８００１３８０００",
            "1380013800٠",
            "13800138000;phone-context=+1",
            "13800138000;ext=9",
            "%31%33800138000",
            "1380013%30000",
            "13800138000@evil.example",
            "sip:13800138000",
            "sip:x@evil",
            "tel:13800138000",
            "138 0013 8000",
            "138-0013-8000",
            "13800138000\r\nTo: <sip:900@x>",
            "13800138000\0",
            "13800138000\u{200b}",
            "++8613800138000",
            "1380+0138000",
            "13800138000#",
            "*31#13800138000",
            "13800138000,,900",
            "1380013800a",
            "",
            "+",
            "11",
            "123456789012345678901",
        ] {
            assert!(PhoneNumber::parse(trick).is_err(), "{trick:?}");
        }
    }

    #[test]
    fn a_number_redacts_itself_in_every_text_form() {
        let number = Number::new("13800130021");
        assert_eq!(number.to_string(), "138****0021");
        assert_eq!(format!("{number:?}"), "Number(138****0021)");
        assert_eq!(number.reveal(), "13800130021");
        assert_eq!(Number::new("+8613800130021").to_string(), "+86138****0021");
        assert_eq!(Number::new("+862161234567").to_string(), "+86****4567");
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
