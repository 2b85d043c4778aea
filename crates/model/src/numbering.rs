use crate::Number;
use std::borrow::Cow;

/// How numbers are written where the house stands: what makes one text of `13800138000`, `+86 138-0013-8000`, `0086…`, `013800138000` and
/// `tel:…;phone-context=+86`. Total: every text has a reading, and a reading written out is read as itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberingPlan {
    country: String,
    area: Option<String>,
}

/// What a number is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// One of the world's: `+` and 7 to 15 digits (E.164).
    Global(String),
    /// A short one of the country, which nobody dials from abroad: `95588`, `12345`, `110`.
    Short(String),
    /// None was told (RFC 3323).
    Withheld,
    /// No number that could be told apart from others: it stays as it came.
    AsItCame(Odd),
}

/// Why a number stays as it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Odd {
    /// Something else than digits and visual separators: a name, `*31#`, letters.
    NoDigits,
    /// No number of the country has that form, nor of the world's.
    NoSuchForm,
    /// A local number, and the area is not known (`[numbers] area`).
    NoArea,
    /// A local number of another country, whose writing we don't know (RFC 3966 5.1.5: its context is no prefix to be put before it).
    ForeignContext,
}

/// Country codes are 1 to 3 digits (E.164 6.2.1).
const COUNTRY_DIGITS: std::ops::RangeInclusive<usize> = 1..=3;
/// Digits of an area code, without the 0 before it.
const AREA_DIGITS: std::ops::RangeInclusive<usize> = 1..=5;
/// Digits of a number of the world's (E.164 6.2.1 has the most).
const GLOBAL_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;
/// Digits of a short number.
const SHORT_DIGITS: std::ops::RangeInclusive<usize> = 3..=8;
/// Digits of a short number where nothing is known of the country's.
const SHORT_ELSEWHERE: std::ops::RangeInclusive<usize> = 3..=6;
const CHINA: &str = "86";
/// What networks write instead of a number that is withheld.
const WITHHELD: [&str; 9] =
    ["anonymous", "restricted", "unavailable", "unknown", "private", "withheld", "asserted-unavail", "nobody", "coinline"];

impl Default for NumberingPlan {
    fn default() -> Self {
        Self { country: CHINA.into(), area: None }
    }
}

impl NumberingPlan {
    /// The plan of a country (`86`) and an area (`21` or `021`).
    ///
    /// # Errors
    /// `None` if the country has not 1 to 3 digits without a 0 before them, or the area not 1 to 5.
    pub fn new(country: &str, area: Option<&str>) -> Option<Self> {
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let area = area.map(|area| area.strip_prefix('0').unwrap_or(area));
        let good_area = area.is_none_or(|area| digits(area) && AREA_DIGITS.contains(&area.len()) && !area.starts_with('0'));
        let good = digits(country) && COUNTRY_DIGITS.contains(&country.len()) && !country.starts_with('0');
        (good && good_area).then(|| Self { country: country.into(), area: area.map(str::to_owned) })
    }

    /// The country code, without `+`.
    pub fn country(&self) -> &str {
        &self.country
    }

    /// What a text stands for: a user part, a `tel:` or `sip:` URI, or what a person wrote.
    pub fn read(&self, text: &str) -> Reading {
        let came = Number::new(text);
        let text = folded(came.reveal());
        let text = text.trim();
        let (number, context) = parts(text);
        if number.is_empty() || WITHHELD.iter().any(|word| number.eq_ignore_ascii_case(word)) {
            return Reading::Withheld;
        }
        let Some(number) = plain(number) else { return Reading::AsItCame(Odd::NoDigits) };
        let read = match (number.strip_prefix('+'), context.and_then(|context| context.strip_prefix('+')).and_then(plain)) {
            (Some(world), _) => self.global(world),
            (None, Some(context)) => self.within(&context, &number),
            (None, None) => self.local(&number, self.area.as_deref()),
        };
        read.unwrap_or_else(Reading::AsItCame)
    }

    /// The one text of a number, as it is compared and kept: `+8613800138000`, `95588`, empty if it was withheld, else as it came.
    pub fn normal(&self, text: &str) -> Number {
        match self.read(text) {
            Reading::Global(number) | Reading::Short(number) => Number::new(&number),
            Reading::Withheld => Number::default(),
            Reading::AsItCame(_) => Number::new(text),
        }
    }

    /// A global number of the house's country as it is dialled inside: `02188886666`, `13800138000`; any other as it is.
    pub fn national<'a>(&self, number: &'a str) -> Cow<'a, str> {
        let Some(rest) = number.strip_prefix('+').and_then(|world| world.strip_prefix(&*self.country)) else { return number.into() };
        if self.country == CHINA && is_mobile_or_service(rest) { rest.into() } else { format!("0{rest}").into() }
    }

    /// A number whose context (`+86`, `+8621`) is that of our country is one of ours, of that area.
    fn within(&self, context: &str, number: &str) -> Result<Reading, Odd> {
        let area = context.strip_prefix(&*self.country).ok_or(Odd::ForeignContext)?.trim_start_matches('0');
        self.local(number, Some(area).filter(|area| !area.is_empty()).or(self.area.as_deref()))
    }

    /// What stands behind `+`.
    fn global(&self, world: &str) -> Result<Reading, Odd> {
        if let Some(rest) = world.strip_prefix(&*self.country) {
            return self.own(rest.trim_start_matches('0'));
        }
        joined("", world)
    }

    /// What stands behind the country's own code.
    fn own(&self, rest: &str) -> Result<Reading, Odd> {
        if self.is_short(rest) { Ok(Reading::Short(rest.to_owned())) } else { joined(&self.country, rest) }
    }

    /// What somebody in the country dials.
    fn local(&self, number: &str, area: Option<&str>) -> Result<Reading, Odd> {
        if let Some(abroad) = number.strip_prefix("00") {
            return self.global(abroad);
        }
        if self.country == CHINA { self.chinese(number, area) } else { self.other(number, area) }
    }

    fn chinese(&self, number: &str, area: Option<&str>) -> Result<Reading, Odd> {
        if let Some(rest) = number.strip_prefix('0') {
            return if is_mobile(rest) || is_behind_area(rest) { self.own(rest) } else { Err(Odd::NoSuchForm) };
        }
        if is_mobile_or_service(number) {
            return self.own(number);
        }
        if self.is_short(number) {
            return Ok(Reading::Short(number.to_owned()));
        }
        let bare = number.strip_prefix(CHINA).filter(|rest| rest.len() >= 10 && (is_mobile_or_service(rest) || is_behind_area(rest)));
        match bare {
            Some(rest) => self.own(rest),
            None if is_subscriber(number) => self.own(&format!("{}{number}", area.ok_or(Odd::NoArea)?)),
            None => Err(Odd::NoSuchForm),
        }
    }

    /// Where nothing is known of a country but that 0 stands before its areas.
    fn other(&self, number: &str, area: Option<&str>) -> Result<Reading, Odd> {
        if let Some(rest) = number.strip_prefix('0') {
            return self.own(rest.trim_start_matches('0'));
        }
        if self.is_short(number) {
            return Ok(Reading::Short(number.to_owned()));
        }
        self.own(&format!("{}{number}", area.ok_or(Odd::NoArea)?))
    }

    /// Emergency and service numbers: in China 1xx to 1xxxxx and 95xxx, 96xxx with up to three digits behind them.
    fn is_short(&self, number: &str) -> bool {
        if self.country != CHINA {
            return SHORT_ELSEWHERE.contains(&number.len()) && !number.starts_with('0');
        }
        match number.as_bytes() {
            [b'1', ..] => (3..=6).contains(&number.len()),
            [b'9', b'5' | b'6', ..] => (5..=8).contains(&number.len()),
            _ => SHORT_DIGITS.contains(&number.len()) && crate::PhoneNumber::parse(number).is_ok_and(|number| number.is_emergency()),
        }
    }
}

fn joined(country: &str, rest: &str) -> Result<Reading, Odd> {
    let digits = format!("{country}{rest}");
    let good = GLOBAL_DIGITS.contains(&digits.len()) && !digits.starts_with('0') && !rest.is_empty();
    if good { Ok(Reading::Global(format!("+{digits}"))) } else { Err(Odd::NoSuchForm) }
}

fn is_mobile(number: &str) -> bool {
    number.len() == 11 && number.starts_with('1') && number.as_bytes()[1] >= b'3'
}

fn is_mobile_or_service(number: &str) -> bool {
    is_mobile(number) || number.len() == 10 && (number.starts_with("400") || number.starts_with("800"))
}

/// Area code without its 0 and subscriber: 10 and 2x have two digits and eight behind them, all others three and seven or eight.
fn is_behind_area(rest: &str) -> bool {
    match rest.as_bytes() {
        [b'1', b'0', first, ..] | [b'2', _, first, ..] => rest.len() == 10 && *first >= b'2',
        [b'3'..=b'9', _, _, first, ..] => matches!(rest.len(), 10 | 11) && *first >= b'2',
        _ => false,
    }
}

fn is_subscriber(number: &str) -> bool {
    matches!(number.len(), 7 | 8) && (b'2'..=b'9').contains(&number.as_bytes()[0])
}

/// Full-width figures and signs, as input methods write them, in ASCII.
fn folded(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return text.into();
    }
    let fold = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' | '\u{a0}' => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        c => c,
    };
    text.chars().map(fold).collect::<String>().into()
}

/// The number in a URI or user part, and its `phone-context` (RFC 3966 3); what else stands behind a `;` (extension, sub-address, number
/// portability) says nothing about who it is.
fn parts(text: &str) -> (&str, Option<&str>) {
    let scheme =
        ["tel:", "sip:", "sips:"].into_iter().find(|scheme| text.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme)));
    let text = scheme.map_or(text, |scheme| &text[scheme.len()..]);
    let user = text.split_once('@').map_or(text, |(user, _)| user);
    let mut parts = user.split(';');
    let number = parts.next().unwrap_or_default().trim();
    let named = |part: &'_ str| part.get(..14).is_some_and(|name| name.eq_ignore_ascii_case("phone-context="));
    (number, parts.find(|part| named(part)).map(|part| part[14..].trim()))
}

/// Digits with one `+` before them at most; visual separators (RFC 3966 3) and spaces are dropped.
fn plain(number: &str) -> Option<String> {
    let mut digits = String::with_capacity(number.len());
    for c in number.chars() {
        match c {
            '0'..='9' => digits.push(c),
            '+' if digits.is_empty() => digits.push(c),
            '-' | '.' | '(' | ')' | ' ' | '/' => {}
            _ => return None,
        }
    }
    digits.ends_with(|c: char| c.is_ascii_digit()).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shanghai() -> NumberingPlan {
        NumberingPlan::new("86", Some("021")).unwrap()
    }

    /// RFC 3966, RFC 3261 19.1.6, E.164 and what Chinese networks send.
    #[test]
    fn numbers_are_read_as_the_table_says() {
        for (came, normal) in [
            ("13800138000", "+8613800138000"),
            ("013800138000", "+8613800138000"),
            ("+8613800138000", "+8613800138000"),
            ("008613800138000", "+8613800138000"),
            ("8613800138000", "+8613800138000"),
            ("+86013800138000", "+8613800138000"),
            ("+86-138-0013-8000", "+8613800138000"),
            ("tel:+86-138-0013-8000", "+8613800138000"),
            ("TEL:138.0013.8000", "+8613800138000"),
            ("tel:13800138000;phone-context=+86", "+8613800138000"),
            ("tel:13800138000;phone-context=ims.mnc000.mcc460.3gppnetwork.org", "+8613800138000"),
            ("13800138000;phone-context=+86", "+8613800138000"),
            ("sip:+8613800138000@ims.mnc000.mcc460.3gppnetwork.org;user=phone", "+8613800138000"),
            ("sip:13800138000;phone-context=+86@example.com;user=phone", "+8613800138000"),
            ("+8613800138000;npdi;rn=+8610", "+8613800138000"),
            ("138 0013 8000", "+8613800138000"),
            ("１３８００１３８０００", "+8613800138000"),
            ("＋８６　１３８００１３８０００", "+8613800138000"),
            ("（021）6123－4567", "+862161234567"),
            ("02161234567", "+862161234567"),
            ("+862161234567", "+862161234567"),
            ("862161234567", "+862161234567"),
            ("+86(0)21 6123 4567", "+862161234567"),
            ("61234567", "+862161234567"),
            ("61234567;phone-context=+8610", "+861061234567"),
            ("61234567;phone-context=+86010", "+861061234567"),
            ("01061234567", "+861061234567"),
            ("057187654321", "+8657187654321"),
            ("05711234567", "05711234567"),
            ("031187654321", "+8631187654321"),
            ("4008001234", "+864008001234"),
            ("400-800-1234", "+864008001234"),
            ("+864008001234", "+864008001234"),
            ("8008201234", "+868008201234"),
            ("95588", "95588"),
            ("+8695588", "95588"),
            ("95013999", "95013999"),
            ("12345", "12345"),
            ("+8612345", "12345"),
            ("10086", "10086"),
            ("110", "110"),
            ("911", "911"),
            ("+12125551234", "+12125551234"),
            ("0012125551234", "+12125551234"),
            ("+1 (212) 555-1234", "+12125551234"),
            ("tel:+1-201-555-0123", "+12015550123"),
            ("+85221234567", "+85221234567"),
            ("tel:863-1234;phone-context=+1-914-555", "tel:863-1234;phone-context=+1-914-555"),
            ("tel:7042;phone-context=example.com", "tel:7042;phone-context=example.com"),
            ("anonymous", ""),
            ("Anonymous", ""),
            ("sip:anonymous@anonymous.invalid", ""),
            ("Restricted", ""),
            ("unavailable", ""),
            ("", ""),
            ("alice", "alice"),
            ("*31#13800138000", "*31#13800138000"),
            ("13800138000#", "13800138000#"),
            ("13800138000,,900", "13800138000,,900"),
            ("++8613800138000", "++8613800138000"),
            ("+", "+"),
            ("12", "12"),
            ("00", "00"),
            ("+0123456789", "+0123456789"),
            ("1234567890123456", "1234567890123456"),
            ("1795113800138000", "1795113800138000"),
            ("2038000", "+86212038000"),
        ] {
            assert_eq!(shanghai().normal(came).reveal(), normal, "{came:?}");
        }
    }

    #[test]
    fn what_is_no_number_is_told_and_stays_as_it_came() {
        let odd = |text: &str| match NumberingPlan::default().read(text) {
            Reading::AsItCame(odd) => Some(odd),
            Reading::Global(_) | Reading::Short(_) | Reading::Withheld => None,
        };
        assert_eq!(odd("alice"), Some(Odd::NoDigits));
        assert_eq!(odd("1380013800a"), Some(Odd::NoDigits));
        assert_eq!(odd("61234567"), Some(Odd::NoArea));
        assert_eq!(odd("863-1234;phone-context=+1-914-555"), Some(Odd::ForeignContext));
        assert_eq!(odd("12345678901"), Some(Odd::NoSuchForm));
        assert_eq!(odd("13800138000"), None);
    }

    #[test]
    fn a_house_elsewhere_has_its_own_country_and_area() {
        let berlin = NumberingPlan::new("49", Some("030")).unwrap();
        for (came, normal) in [
            ("030 901820", "+4930901820"),
            ("901820123", "+4930901820123"),
            ("+49 (0)30 901820", "+4930901820"),
            ("0049 30 901820", "+4930901820"),
            ("+8613800138000", "+8613800138000"),
            ("112", "112"),
        ] {
            assert_eq!(berlin.normal(came).reveal(), normal, "{came:?}");
        }
        assert_eq!(berlin.national("+4930901820"), "030901820");
        for (country, area) in
            [("086", None), ("", None), ("8610", None), ("+86", None), ("86", Some("")), ("86", Some("02x")), ("86", Some("002"))]
        {
            assert!(NumberingPlan::new(country, area).is_none(), "{country:?} {area:?}");
        }
    }

    #[test]
    fn a_global_number_is_dialled_in_the_country_as_the_country_does() {
        let plan = shanghai();
        for (global, national) in [
            ("+8613800138000", "13800138000"),
            ("+862161234567", "02161234567"),
            ("+864008001234", "4008001234"),
            ("+12125551234", "+12125551234"),
            ("95588", "95588"),
        ] {
            assert_eq!(plan.national(global), national);
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_is_read_and_what_was_read_is_read_as_itself(text in "\\PC{0,80}", area in proptest::option::of("0?[1-9][0-9]{1,2}")) {
            let plan = NumberingPlan::new("86", area.as_deref()).unwrap();
            let once = plan.normal(&text);
            prop_assert_eq!(plan.normal(once.reveal()), once);
        }

        #[test]
        fn digits_however_they_are_written_are_read_once(text in "(tel:|sip:)?[+＋]?[0-9０-９ ().-]{1,24}(;phone-context=\\+[0-9-]{1,6})?", country in "[1-9][0-9]{0,2}") {
            for plan in [NumberingPlan::default(), shanghai(), NumberingPlan::new(&country, None).unwrap()] {
                let once = plan.normal(&text);
                prop_assert_eq!(plan.normal(once.reveal()), once.clone());
                if let Reading::Global(number) = plan.read(&text) {
                    prop_assert!(number.starts_with('+') && GLOBAL_DIGITS.contains(&(number.len() - 1)));
                    if plan.country() != CHINA {
                        let national = plan.normal(&plan.national(&number));
                        prop_assert_eq!(national.reveal(), number);
                    }
                }
            }
        }
    }
}
