//! Feature codes and keys in a call: what somebody at a seat says with a telephone alone, as the order it means.

use hotline_model::{Assessment, DeskOrder, Name, Reclassified, TransferReason};
use hotline_rules::{CODES, Code, Desk, Plan};

/// Most keys of a code: two numbers of 20 digits with what stands around them.
pub(crate) const LONGEST: usize = 48;

/// What a telephone that dials a code asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// `*10`: a seat is to be signed in here. What is not given is asked for.
    SignIn(Who),
    /// Anything else.
    Order(DeskOrder),
}

/// Who signs in. The PIN shows in no log.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Who {
    /// The seat; `None`: that of the telephone.
    pub seat: Option<String>,
    /// Its PIN.
    pub pin: Option<String>,
}

impl std::fmt::Debug for Who {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Who({:?})", self.seat)
    }
}

impl Who {
    /// Reads what is keyed behind `*10`: `pin`, or `seat*pin`, either with a `*` before it. Where the telephone is nobody's own, one number
    /// alone is the seat. `None` if it is neither.
    pub fn read(text: &str, is_own: bool) -> Option<Self> {
        let text = text.strip_prefix('*').unwrap_or(text);
        if !text.bytes().all(|key| key.is_ascii_digit() || key == b'*') {
            return None;
        }
        let parts: Vec<&str> = text.split('*').collect();
        let some = |part: &str| Some(part.to_owned()).filter(|part| !part.is_empty());
        match parts.as_slice() {
            [one] if is_own => Some(Self { seat: None, pin: some(one) }),
            [one] => Some(Self { seat: some(one), pin: None }),
            [seat, pin] => Some(Self { seat: some(seat), pin: some(pin) }),
            _ => None,
        }
    }
}

/// The code's first part, as it may be shown: never a PIN.
pub(crate) fn shown(text: &str) -> Name {
    let code = CODES.iter().map(|(code, _)| *code).find(|code| text.starts_with(code));
    let in_call = text.get(..2).filter(|code| IN_CALL.contains(code));
    code.or(in_call).unwrap_or("*").into()
}

/// What a telephone dialled, if it begins like a code. `Err`: there is no such code.
pub(crate) fn dialled(desk: &Desk, text: &str, is_own: bool) -> Option<Result<Asked, ()>> {
    if !text.starts_with('*') {
        return None;
    }
    let text = text.strip_suffix('#').unwrap_or(text);
    Some(of_seat(desk, text, is_own).ok_or(()))
}

fn assess(found: Assessment) -> DeskOrder {
    DeskOrder::Assess { found, change: Reclassified::default() }
}

fn of_seat(desk: &Desk, text: &str, is_own: bool) -> Option<Asked> {
    if text.len() > LONGEST {
        return None;
    }
    let (code, rest) = CODES.iter().find_map(|(code, means)| Some((*means, text.strip_prefix(code)?)))?;
    if code == Code::SignIn {
        return Who::read(rest, is_own).map(Asked::SignIn);
    }
    let mut keys = rest.strip_prefix('*').filter(|rest| !rest.is_empty()).unwrap_or(rest).chars();
    let key = keys.next();
    let order = match (code, key) {
        (Code::NotReady, Some(key)) => DeskOrder::NotReady(*desk.breaks.get(&key)?),
        (Code::Class, Some(key)) => DeskOrder::Classify(Reclassified { class: Some(*desk.classes.get(&key)?), ..Reclassified::default() }),
        (Code::Impact, Some(key)) => assess(Assessment { impact: Some(*desk.impacts.get(&key)?), ..Assessment::default() }),
        (Code::Scope, Some(key)) => assess(Assessment { scope: Some(*desk.scopes.get(&key)?), ..Assessment::default() }),
        (Code::Disposition, Some(key)) => DeskOrder::Dispose(desk.disposition_by_digit(key)?.name.clone()),
        (Code::Ready, None) => DeskOrder::Ready,
        (Code::WrapUpDone, None) => DeskOrder::WrapUpDone,
        (Code::BreakAfterCall, None) => DeskOrder::BreakAfterCall,
        (Code::SignOut, None) => DeskOrder::SignOut,
        (Code::SignIn | Code::NotReady | Code::Class | Code::Impact | Code::Scope | Code::Disposition, _) => return None,
        (Code::Ready | Code::WrapUpDone | Code::BreakAfterCall | Code::SignOut, Some(_)) => return None,
    };
    keys.next().is_none().then_some(Asked::Order(order))
}

/// Codes that have a meaning in a call only.
const IN_CALL: [&str; 8] = ["*0", "*2", "*3", "*4", "*6", "*7", "*8", "*9"];

/// What the keys pressed in a call so far are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Keyed {
    /// The beginning of a code.
    More,
    /// A whole code.
    Order(DeskOrder),
    /// No code.
    Wrong,
}

/// What keys that begin with `*` mean in a call. `ended`: no more came in time.
pub(crate) fn keyed(plan: &Plan, keys: &str, ended: bool) -> Keyed {
    let whole = keys.ends_with('#') || ended;
    let body = keys.strip_suffix('#').unwrap_or(keys);
    let at_once = |order: DeskOrder| if body.len() == 2 { Keyed::Order(order) } else { Keyed::Wrong };
    let at_end = |order: Option<DeskOrder>| match order {
        _ if !whole && keys.len() < LONGEST => Keyed::More,
        Some(order) if whole => Keyed::Order(order),
        Some(_) | None => Keyed::Wrong,
    };
    match body.as_bytes().get(1) {
        None if whole => Keyed::Wrong,
        None => Keyed::More,
        Some(b'1') => of_seat_in_call(&plan.desk, body, whole),
        Some(b'0') => at_once(DeskOrder::Cancel),
        Some(b'2') => at_once(DeskOrder::AcceptOwnership),
        Some(b'3') => at_once(DeskOrder::ThreeWay),
        Some(b'4') => at_once(DeskOrder::FirstCommunication),
        Some(b'6') => at_once(DeskOrder::Back),
        Some(b'7') => at_end(transfer(plan, &body[2..])),
        Some(b'8') => at_end(plan.target(&body[2..]).map(|to| DeskOrder::Consult { to })),
        Some(b'9') => at_end(reason(plan, &body[2..]).map(|reason| DeskOrder::Complete { reason })),
        Some(_) => Keyed::Wrong,
    }
}

fn of_seat_in_call(desk: &Desk, body: &str, whole: bool) -> Keyed {
    let code = body.get(..3).and_then(|start| CODES.iter().find(|(code, _)| *code == start));
    let more = |missing: bool| if missing && !whole { Keyed::More } else { Keyed::Wrong };
    match (code, of_seat(desk, body, true)) {
        // Nobody signs in while talking.
        (Some((_, Code::SignIn)), _) => Keyed::Wrong,
        (Some(_), Some(Asked::Order(order))) => Keyed::Order(order),
        (Some((code, _)), _) => more(body == *code),
        (None, _) => more(body.len() < 3),
    }
}

/// `<target>` or `<target>*<reason>`.
fn transfer(plan: &Plan, text: &str) -> Option<DeskOrder> {
    let (to, why) = text.split_once('*').unwrap_or((text, ""));
    Some(DeskOrder::Transfer { to: plan.target(to)?, mode: None, reason: reason(plan, why)? })
}

/// A reason by its place in the manual's list, 1 to 3; none is `None`.
fn reason(_plan: &Plan, text: &str) -> Option<Option<TransferReason>> {
    if text.is_empty() {
        return Some(None);
    }
    let place: usize = text.parse().ok().filter(|_| text.len() == 1)?;
    TransferReason::ALL.get(place.checked_sub(1)?).copied().map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hotline_model::{Class, Impact, NotReadyReason, PhoneNumber, Remit, Target};
    use proptest::prelude::*;

    fn ask(text: &str) -> Option<Result<Asked, ()>> {
        dialled(&Desk::default(), text, true)
    }

    fn who(seat: Option<&str>, pin: Option<&str>) -> Option<Result<Asked, ()>> {
        Some(Ok(Asked::SignIn(Who { seat: seat.map(str::to_owned), pin: pin.map(str::to_owned) })))
    }

    #[test]
    fn every_code_of_a_desk_phone_is_understood_with_and_without_its_end() {
        let order = |order| Some(Ok(Asked::Order(order)));
        let class = Reclassified { class: Some(Class::Complex), ..Reclassified::default() };
        for (text, means) in [
            ("*11", order(DeskOrder::Ready)),
            ("*122", order(DeskOrder::NotReady(NotReadyReason::Meal))),
            ("*12*2", order(DeskOrder::NotReady(NotReadyReason::Meal))),
            ("*13", order(DeskOrder::WrapUpDone)),
            ("*142", order(DeskOrder::Classify(class))),
            ("*174", order(assess(Assessment { impact: Some(Impact::Everybody), ..Assessment::default() }))),
            ("*182", order(assess(Assessment { scope: Some(Remit::Outside), ..Assessment::default() }))),
            ("*151", order(DeskOrder::Dispose("resolved".into()))),
            ("*16", order(DeskOrder::BreakAfterCall)),
            ("*19", order(DeskOrder::SignOut)),
            ("*10", who(None, None)),
            ("*104711", who(None, Some("4711"))),
            ("*10*4711", who(None, Some("4711"))),
            ("*101002*4711", who(Some("1002"), Some("4711"))),
        ] {
            assert_eq!(ask(text), means, "{text}");
            assert_eq!(ask(&format!("{text}#")), means, "{text}#");
        }
    }

    #[test]
    fn on_a_phone_that_is_nobodys_the_one_number_is_the_seat() {
        let asked = dialled(&Desk::default(), "*101002", false);
        assert_eq!(asked, who(Some("1002"), None));
    }

    #[test]
    fn what_only_looks_like_a_code_is_none() {
        for text in [
            "*",
            "**",
            "*1",
            "*12",
            "*120",
            "*12a",
            "*1212",
            "*14",
            "*149",
            "*150",
            "*1511",
            "*111",
            "*17",
            "*20",
            "*10;4711",
            "*10%31",
            "*10１００２",
            "*101002*47*11",
            "*10\r\nX: y",
            "*11##",
            "*110",
            "*1012345678901234567890123456789012345678901234567890",
        ] {
            assert_eq!(ask(text), Some(Err(())), "{text:?}");
        }
        assert_eq!(ask("1001"), None);
        assert_eq!(ask("#10"), None);
    }

    #[test]
    fn no_log_shows_a_pin() {
        assert_eq!(&*shown("*101002*4711#"), "*10");
        assert_eq!(&*shown("*104711"), "*10");
        assert_eq!(&*shown("*7138001380004*1#"), "*7");
        assert_eq!(&*shown("*5"), "*");
        assert!(!format!("{:?}", ask("*101002*4711")).contains("4711"));
    }

    #[test]
    fn keys_in_a_call_are_whole_as_soon_as_nothing_can_follow() {
        let plan = Plan::default();
        let key = |keys: &str| keyed(&plan, keys, false);
        for beginning in ["*", "*1", "*12", "*14", "*15", "*7", "*71001", "*71001*", "*8", "*9"] {
            assert_eq!(key(beginning), Keyed::More, "{beginning}");
        }
        assert_eq!(key("*16"), Keyed::Order(DeskOrder::BreakAfterCall));
        assert_eq!(key("*151"), Keyed::Order(DeskOrder::Dispose("resolved".into())));
        assert_eq!(key("*0"), Keyed::Order(DeskOrder::Cancel));
        assert_eq!(key("*3"), Keyed::Order(DeskOrder::ThreeWay));
        assert_eq!(key("*9#"), Keyed::Order(DeskOrder::Complete { reason: None }));
        assert_eq!(key("*92#"), Keyed::Order(DeskOrder::Complete { reason: Some(TransferReason::MultiDepartment) }));
        assert_eq!(keyed(&plan, "*9", true), Keyed::Order(DeskOrder::Complete { reason: None }), "no more keys came");
        let number = Target::Number(PhoneNumber::parse("13800138000").unwrap());
        let to = DeskOrder::Transfer { to: number.clone(), mode: None, reason: Some(TransferReason::TooComplex) };
        assert_eq!(key("*713800138000*1#"), Keyed::Order(to));
        assert_eq!(key("*813800138000#"), Keyed::Order(DeskOrder::Consult { to: number }));
        for wrong in ["*10", "*175", "*5", "**", "*#", "*7#", "*8#", "*713800138000*7#", "*94#", "*140", "*A"] {
            assert_eq!(key(wrong), Keyed::Wrong, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_pressed_ends_as_a_code_or_as_none_within_the_longest(keys in "[0-9*#A-D]{0,60}") {
            let plan = Plan::default();
            let _ = ask(&keys);
            let mut pressed = String::from("*");
            let mut whole = false;
            for key in keys.chars() {
                pressed.push(key);
                whole |= keyed(&plan, &pressed, false) != Keyed::More;
                if whole { break; }
            }
            prop_assert!(whole || pressed.len() < LONGEST);
            prop_assert!(keyed(&plan, &pressed, true) != Keyed::More);
        }
    }
}
