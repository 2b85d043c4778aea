//! Whether every number of one pattern is a number of others.

use super::Pattern;
use super::outside::to_be_spelled;
use hotline_model::PhoneNumber;
use std::collections::BTreeSet;

/// Fewest and most digits of a number.
const FEWEST: usize = 3;
const MOST: usize = 20;
/// Most situations that are looked at for one answer.
const MOST_SEEN: usize = 200;

/// A digit after the other, as bits of those allowed, and whether it may be left out.
type Digits = Vec<(u16, bool)>;
/// A pattern among several, and how many of its digits are behind us.
type At = (usize, usize);

impl Pattern {
    /// Whether every number that fits this fits one of the others; also `false` where no number fits it, or it would take too long to say.
    pub(crate) fn is_within(&self, others: &[&Self]) -> bool {
        let others: Vec<Digits> = others.iter().filter(|other| other.spells_as_much_as(self)).map(|other| other.digits()).collect();
        let (own, mut seen, mut next) = (self.digits(), BTreeSet::new(), Vec::new());
        let starts = (0..others.len()).map(|other| (other, 0));
        let reached = others.iter().zip(starts).flat_map(|(digits, at)| reached(digits, at)).collect::<BTreeSet<At>>();
        next.extend(self::reached(&own, (0, 0)).map(|(_, place)| (0, place, reached.clone())));
        let mut fits = false;
        while let Some((length, place, around)) = next.pop() {
            if length >= FEWEST && place == own.len() {
                fits = true;
                if !around.iter().any(|(other, place)| *place == others[*other].len()) {
                    return false;
                }
            }
            let Some((allowed, _)) = own.get(place).filter(|_| length < MOST) else { continue };
            for digit in (0..10).map(|digit| 1 << digit).filter(|digit| allowed & digit != 0) {
                let takes = |at: &&At| others[at.0].get(at.1).is_some_and(|(allowed, _)| allowed & digit != 0);
                let onward = around.iter().filter(takes).flat_map(|(other, place)| self::reached(&others[*other], (*other, place + 1)));
                let onward: BTreeSet<At> = onward.collect();
                if onward.is_empty() || seen.len() > MOST_SEEN {
                    return false;
                }
                for (_, place) in self::reached(&own, (0, place + 1)) {
                    let situation = (length + 1, place, onward.clone());
                    if seen.insert(situation.clone()) {
                        next.push(situation);
                    }
                }
            }
        }
        fits
    }

    fn digits(&self) -> Digits {
        let part = |(allowed, least, most): &(u16, u8, u8)| {
            let (allowed, least) = (*allowed, *least);
            (0..*most).map(move |place| (allowed, place >= least))
        };
        self.parts.iter().flat_map(part).collect()
    }

    /// Whether this spells out what numbers of the other have to have spelled out; as far as the other does, that is.
    fn spells_as_much_as(&self, other: &Self) -> bool {
        let spelled = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let Some(beginning) = other.text.get(..spelled(&other.text)) else { return false };
        let shared = beginning.bytes().zip(self.text.bytes()).take_while(|(a, b)| a == b).count();
        let (least, most) = other.parts.iter().fold((0, 0), |sum, part| (sum.0 + usize::from(part.1), sum.1 + usize::from(part.2)));
        // Whatever digit stands behind the beginning: where it matters, the other would have to spell it out too.
        let numbers = (least.max(FEWEST)..=most.min(MOST)).map(|length| format!("{beginning:5<length$.length$}"));
        let asked = numbers.filter_map(|number| PhoneNumber::parse(&number).ok()).map(|number| to_be_spelled(&number));
        asked.filter(|asked| *asked <= beginning.len()).all(|asked| asked <= shared)
    }
}

/// A place, and those behind it that are reached as the digits there are left out.
fn reached(digits: &Digits, (other, place): At) -> impl Iterator<Item = At> {
    let left_out = digits.iter().skip(place).take_while(|(_, may)| *may).count();
    (place..=place + left_out).map(move |place| (other, place))
}

#[cfg(test)]
mod tests {
    use crate::pattern::pattern;
    use hotline_model::PhoneNumber;
    use proptest::prelude::*;

    fn within(one: &str, others: &[&str]) -> bool {
        let others: Vec<_> = others.iter().map(|text| pattern(text).unwrap()).collect();
        pattern(one).unwrap().is_within(&others.iter().collect::<Vec<_>>())
    }

    #[test]
    fn a_pattern_is_within_those_that_have_all_of_its_numbers() {
        for (one, others) in [
            ("1390x{7}", vec!["139x{8}"]),
            ("13[89]x{8}", vec!["138x{8}", "139x{8}"]),
            ("139x{8}", vec!["1[3-9]x{9}"]),
            ("021x{8}", vec!["0x{9,11}"]),
            ("x{3,5}", vec!["x{3}", "x{4,6}"]),
            ("0085212x{6}", vec!["00852x{8}"]),
            ("02116x{6}", vec!["02116x{5,6}"]),
            ("95588", vec!["955x{2,3}"]),
        ] {
            assert!(within(one, &others), "{one} in {others:?}");
        }
        for (one, others) in [
            ("139x{8}", vec!["1390x{7}"]),
            ("13[89]x{8}", vec!["138x{8}"]),
            ("x{3,5}", vec!["x{3,4}"]),
            // What has to be spelled out (`to_be_spelled`).
            ("00852x{8}", vec!["x{13}"]),
            ("02116x{6}", vec!["021x{8}"]),
            ("021110", vec!["021x{3}"]),
            ("179510x{9}", vec!["1x{14}"]),
            // No number fits it.
            ("1x", vec!["x{2,20}"]),
            ("139x{8}", vec![]),
        ] {
            assert!(!within(one, &others), "{one} in {others:?}");
        }
    }

    proptest! {
        #[test]
        fn a_number_of_a_pattern_within_others_fits_one_of_them(
            one in "(0|1|00|16|021|[x1]){1,3}([x6](\\{[1-3](,[3-5])?\\})?){1,3}",
            others in prop::collection::vec("(0|1|00|16|021|[x1]){0,2}([x6](\\{[0-3],[3-9]\\})?){1,3}", 1..3),
            numbers in prop::collection::vec("(0|1|00|16|021|[01]){1,3}[0126]{0,9}", 50),
        ) {
            let readable = pattern(&one).is_ok() && others.iter().all(|other| pattern(other).is_ok());
            prop_assume!(readable);
            let is_within = within(&one, &others.iter().map(String::as_str).collect::<Vec<_>>());
            let fits = |text: &str, number: &PhoneNumber| pattern(text).unwrap().matches(number);
            for number in numbers.iter().filter_map(|number| PhoneNumber::parse(number).ok()) {
                let is_in = others.iter().any(|other| fits(other, &number));
                prop_assert!(!is_within || !fits(&one, &number) || is_in, "{} of {}", number.digits(), one);
            }
        }
    }
}
