//! What a seat's phone is told by its INVITE: who calls and what for on its display, the same for software in headers, and to answer by itself
//! where the rules say so.

use crate::call::{Call, Waiting};
use crate::world::World;
use hotline_model::SeatId;
use hotline_model::history::DecidingKey;

/// Most characters on a display; also what keeps the INVITE below 1300 bytes, so that it fits a datagram (RFC 3261 18.1.1).
const LONGEST_SHOWN: usize = 40;
/// Most characters of a header of ours.
const LONGEST_HEADER: usize = 80;

impl Call {
    /// From and our headers of an INVITE to the seat that is offered the call.
    pub fn for_seat(&self, world: &World, seat: SeatId, waiting: &Waiting, why: Option<DecidingKey>) -> (String, Vec<(String, String)>) {
        // As the country dials it: what the display shows can be dialled.
        let shown_as = world.plan.numbering.national(self.from.reveal());
        let user = if shown_as.is_empty() { "anonymous" } else { &*shown_as };
        let user: String = user.chars().filter(|c| c.is_ascii_alphanumeric() || "+-_.!*#".contains(*c)).collect();
        let queue = world.plan.queue(waiting.queue).name.clone();
        let skills: Vec<String> = waiting
            .profile
            .skills
            .iter()
            .filter_map(|need| Some(format!("{}>={}", world.plan.skills.get(need.skill.index())?.name, need.at_least)))
            .collect();
        let first = waiting.profile.skills.first().and_then(|need| world.plan.skills.get(need.skill.index()));
        let words = [user.as_str(), &queue, first.map_or("", |skill| &skill.name)];
        let mut headers = vec![
            ("X-Hotline-Call-Id".to_owned(), self.id.to_string()),
            ("X-Hotline-Queue".to_owned(), queue.to_string()),
            ("X-Hotline-Wait-Ms".to_owned(), world.now.since(waiting.since).as_millis().to_string()),
        ];
        if !skills.is_empty() {
            headers.push(("X-Hotline-Skill".to_owned(), cut(&skills.join(", "), LONGEST_HEADER)));
        }
        headers.extend(why.map(|why| ("X-Hotline-Reason".to_owned(), word(why))));
        if let Some(first) = self.transfer().map(|transfer| transfer.from).filter(|first| *first != seat) {
            // RFC 3892 2.1: at whose wish we call.
            headers.push(("Referred-By".to_owned(), format!("<sip:{}@{}>", world.seat_name(first), world.identity)));
        }
        if world.plan.seat(seat).desk.auto_answer {
            headers.extend(auto_answer(&world.identity));
        }
        (format!("\"{}\" <sip:{user}@{}>", shown(&words), world.identity), headers)
    }
}

/// Answer by yourself: the words of Grandstream, Yealink and MicroSIP, and those of Polycom and Snom (ux.md 1.1).
fn auto_answer(identity: &str) -> [(String, String); 2] {
    [
        ("Call-Info".to_owned(), format!("<sip:{identity}>;answer-after=0")),
        ("Alert-Info".to_owned(), format!("<http://{identity}/>;info=alert-autoanswer")),
    ]
}

/// Words for a display, in one line that breaks no quoted string.
pub(crate) fn shown(words: &[&str]) -> String {
    let words: Vec<&str> = words.iter().copied().filter(|word| !word.is_empty()).collect();
    let line: String = words.join(" ").chars().filter(|c| !c.is_control() && !matches!(c, '"' | '\\')).collect();
    cut(&line, LONGEST_SHOWN)
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

/// `LongestIdle` as `longest-idle`.
fn word(why: DecidingKey) -> String {
    let mut word = String::new();
    for c in format!("{why:?}").chars() {
        if c.is_ascii_uppercase() && !word.is_empty() {
            word.push('-');
        }
        word.push(c.to_ascii_lowercase());
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_on_a_display_breaks_no_header_and_is_short() {
        assert_eq!(shown(&["13800138000", "账单", ""]), "13800138000 账单");
        assert_eq!(shown(&["1\"><sip:evil>\r\n", "a\\b"]), "1><sip:evil> ab");
        assert_eq!(shown(&["长"; 100]).chars().count(), LONGEST_SHOWN);
        assert_eq!(word(DecidingKey::LongestIdle), "longest-idle");
    }
}
