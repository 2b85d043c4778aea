//! What an INVITE says of a call from outside: over which trunk it came, which number was dialled, and who calls.

use crate::world::World;
use hotline_model::history::Identified;
use hotline_model::{Name, Number, Reading};
use hotline_rules::{DidFrom, NumberId, Trunk};
use hotline_sip::{Header, IncomingInvite, NameAddr, Scheme, Uri};
use std::sync::Arc;

/// Values of one header that are looked at.
const MOST_VALUES: usize = 16;
/// What asks us not to show who calls (RFC 3323 4.2, RFC 3325 9.3).
const PRIVATE: [&str; 3] = ["id", "user", "header"];

/// See the module.
#[derive(Debug)]
pub(crate) struct Caller {
    /// The number of ours that was dialled.
    pub number: Option<NumberId>,
    /// Who calls, in full; nothing if that is withheld.
    pub from: Number,
    /// Where that is not simply what From says.
    pub identified: Option<Identified>,
}

impl World {
    /// Reads who calls whom.
    pub fn caller(&self, invite: &IncomingInvite) -> Caller {
        let plan = Arc::clone(&self.plan);
        let trunk = self.trunk_of(invite).and_then(|name| plan.trunk(&name));
        let named = trunk.and_then(|trunk| dialled(trunk.did_from, invite)).and_then(|user| plan.dialled(&user));
        let number = named.or_else(|| plan.dialled(&invite.to_user)).or_else(|| plan.dialled(&user_of(&invite.request_uri)?));
        let (from, identified) = self.who(invite, trunk);
        Caller { number, from, identified }
    }

    /// The trunk of the rules that a call came over: the one whose address it came from, or whose name its network has in the
    /// configuration. Accounts come over none.
    pub fn trunk_of(&self, invite: &IncomingInvite) -> Option<Name> {
        let by_name = || invite.trunk.clone().filter(|name| self.plan.trunk(name).is_some());
        let by_address = || self.trunks.at(invite.flow.remote).cloned();
        by_address().or_else(by_name).filter(|_| invite.account.is_none())
    }

    fn who(&self, invite: &IncomingInvite, trunk: Option<&Trunk>) -> (Number, Option<Identified>) {
        let plan = &self.plan.numbering;
        if is_private(invite) {
            let identified = Identified { came: Number::default(), asserted_by: None, private: true, odd: None };
            return (Number::default(), Some(identified));
        }
        let said = invite.headers.from().ok().and_then(|from| user_of(&from.uri)).unwrap_or_else(|| invite.from_user.clone());
        let asserted = trunk.filter(|trunk| trunk.asserted).and_then(|trunk| Some((self.asserted(invite)?, trunk.name.clone())));
        let (came, asserted_by) = asserted.map_or((said.clone(), None), |(user, trunk)| (user, Some(trunk)));
        let reading = plan.read(&came);
        let odd = if let Reading::AsItCame(odd) = reading { Some(odd) } else { None };
        let from = plan.normal(&came);
        let plain = [from.reveal(), &plan.national(from.reveal())].contains(&came.as_str());
        let withheld = reading == Reading::Withheld;
        let by_other = asserted_by.filter(|_| plan.normal(&said) != from);
        let told = by_other.is_some() || odd.is_some() || !plain && !withheld;
        let identified = Identified { came: Number::new(&came), asserted_by: by_other, private: false, odd };
        (from, told.then_some(identified))
    }

    /// The asserted identity: of a SIP and a tel URI, the one that is a number (RFC 3325 9.1).
    fn asserted(&self, invite: &IncomingInvite) -> Option<String> {
        let values = invite.headers.routes(Header::PAssertedIdentity).ok()?;
        let users: Vec<String> = values.iter().take(MOST_VALUES).filter_map(|value| user_in(value)).collect();
        let is_number = |user: &&String| matches!(self.plan.numbering.read(user), Reading::Global(_) | Reading::Short(_));
        users.iter().find(is_number).or(users.first()).cloned()
    }
}

/// The number that was dialled, where a trunk says it.
fn dialled(place: DidFrom, invite: &IncomingInvite) -> Option<String> {
    let values = |header| invite.headers.routes(header).ok();
    match place {
        DidFrom::RequestUri => user_of(&invite.request_uri),
        DidFrom::To => user_of(&invite.headers.to().ok()?.uri),
        DidFrom::PCalledPartyId => user_of(&NameAddr::parse(invite.headers.named("P-Called-Party-ID")?)?.uri),
        // The one below all others is the oldest (RFC 5806 6.1).
        DidFrom::Diversion => user_in(values(Header::Diversion)?.last()?),
        // In the order of what happened (RFC 7044 10.1).
        DidFrom::HistoryInfo => user_in(values(Header::HistoryInfo)?.first()?),
    }
}

fn user_in(value: &str) -> Option<String> {
    user_of(&NameAddr::parse(value.as_bytes())?.uri)
}

/// The user part of a URI, with the context of a local number (RFC 3966 5.1.5).
fn user_of(uri: &str) -> Option<String> {
    let uri = Uri::parse(uri).ok()?;
    let context = uri.params.get("phone-context").filter(|_| uri.scheme == Scheme::Tel).map(str::to_owned);
    let user = uri.user.unwrap_or_default();
    Some(context.map_or(user.clone(), |context| format!("{user};phone-context={context}")))
}

fn is_private(invite: &IncomingInvite) -> bool {
    let values = invite.headers.all(Header::Privacy).take(MOST_VALUES);
    let asks = |word: &[u8]| PRIVATE.iter().any(|private| word.trim_ascii().eq_ignore_ascii_case(private.as_bytes()));
    values.into_iter().any(|value| value.split(|byte| matches!(byte, b';' | b',')).any(asks))
}
