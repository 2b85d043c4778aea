use super::{Client, Cx, Fired, InviteClient, InviteServer, Purpose, Server, Timer, Transaction, TxId};
use crate::endpoint::{DialogId, Net};
use crate::print::Reply;
use crate::timers::Timers;
use hotline_model::history::Flow;
use hotline_model::{LookupMap, Timestamp};
use std::collections::BTreeSet;
use std::sync::Arc;

/// All transactions, found by what a message says (RFC 3261 17.1.3, 17.2.3), with their timers.
#[derive(Debug, Default)]
pub(crate) struct Table {
    slots: Vec<Slot>,
    free: Vec<u32>,
    clients: LookupMap<ClientKey, TxId>,
    servers: LookupMap<Arc<str>, TxId>,
    merged: LookupMap<Arc<str>, TxId>,
    open: BTreeSet<(Flow, TxId)>,
    timers: Timers<(TxId, Timer)>,
    limit: usize,
}

#[derive(Debug)]
struct Slot {
    generation: u32,
    used: Option<Used>,
}

#[derive(Debug)]
struct Used {
    transaction: Transaction,
    key: Key,
    open: Option<Flow>,
}

#[derive(Debug)]
enum Key {
    Client(ClientKey),
    Server { key: Arc<str>, merged: Option<Arc<str>> },
}

/// Branch, and whether it is the CANCEL, which shares the branch of its INVITE.
type ClientKey = (u64, bool);

/// Who a new server transaction is.
#[derive(Debug)]
pub(crate) struct ServerKey {
    /// Branch, sent-by and method, or what RFC 2543 had instead.
    pub(crate) key: Arc<str>,
    /// Call-ID, From tag and CSeq of a request without To tag (8.2.2.2).
    pub(crate) merged: Option<Arc<str>>,
}

impl Table {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, ..Self::default() }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Whether one more would be too many.
    pub(crate) fn is_full(&self) -> bool {
        self.len() >= self.limit
    }

    pub(crate) fn next_timeout(&self) -> Option<Timestamp> {
        self.timers.next()
    }

    pub(crate) fn client(&self, branch: u64, cancel: bool) -> Option<TxId> {
        self.clients.get(&(branch, cancel)).copied()
    }

    pub(crate) fn server(&self, key: &str) -> Option<TxId> {
        self.servers.get(key).copied()
    }

    pub(crate) fn merged(&self, key: &str) -> bool {
        self.merged.contains_key(key)
    }

    pub(crate) fn get(&self, id: TxId) -> Option<&Transaction> {
        let slot = self.slots.get(id.slot as usize)?;
        (slot.generation == id.generation).then_some(slot.used.as_ref()?).map(|used| &used.transaction)
    }

    /// The transactions that still wait for something sent on `flow`.
    pub(crate) fn open_on(&self, flow: Flow) -> Vec<TxId> {
        let first = TxId { slot: 0, generation: 0 };
        let last = TxId { slot: u32::MAX, generation: u32::MAX };
        self.open.range((flow, first)..=(flow, last)).map(|(_, id)| *id).collect()
    }

    pub(crate) fn start_invite(
        &mut self,
        now: Timestamp,
        net: &mut Net,
        purpose: Purpose,
        flow: Flow,
        branch: u64,
        request: Vec<u8>,
    ) -> TxId {
        self.add(now, net, Key::Client((branch, false)), |cx| {
            Transaction::InviteClient(InviteClient::start(cx, purpose, flow, branch, request))
        })
    }

    pub(crate) fn resume_invite(&mut self, now: Timestamp, net: &mut Net, id: DialogId, flow: Flow, branch: u64, request: Vec<u8>) -> TxId {
        self.add(now, net, Key::Client((branch, false)), |_| {
            Transaction::InviteClient(InviteClient::resume(Purpose::Invite(id), flow, branch, request))
        })
    }

    pub(crate) fn start_client(&mut self, now: Timestamp, net: &mut Net, purpose: Purpose, flow: Flow, key: ClientKey, request: Vec<u8>) {
        self.add(now, net, Key::Client(key), |cx| Transaction::Client(Client::start(cx, purpose, flow, request)));
    }

    pub(crate) fn start_invite_server(
        &mut self,
        now: Timestamp,
        net: &mut Net,
        key: ServerKey,
        dialog: Option<DialogId>,
        flow: Flow,
        reply: Reply,
    ) -> TxId {
        let key = Key::Server { key: key.key, merged: key.merged };
        self.add(now, net, key, |cx| Transaction::InviteServer(InviteServer::start(cx, dialog, flow, reply)))
    }

    pub(crate) fn start_server(
        &mut self,
        now: Timestamp,
        net: &mut Net,
        key: ServerKey,
        dialog: DialogId,
        flow: Flow,
        reply: Reply,
    ) -> TxId {
        let key = Key::Server { key: key.key, merged: key.merged };
        self.add(now, net, key, |cx| Transaction::Server(Server::start(cx, Some(dialog), flow, reply)))
    }

    /// Sends the response of a non-INVITE request at once and keeps it for the next copy of the request.
    pub(crate) fn answer_server(&mut self, now: Timestamp, net: &mut Net, key: ServerKey, flow: Flow, response: Vec<u8>) {
        let key = Key::Server { key: key.key, merged: key.merged };
        self.add(now, net, key, |cx| Transaction::Server(Server::answered(cx, flow, response)));
    }

    fn add(&mut self, now: Timestamp, net: &mut Net, key: Key, start: impl FnOnce(&mut Cx<'_>) -> Transaction) -> TxId {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot { generation: 0, used: None });
            u32::try_from(self.slots.len() - 1).expect("the limit of transactions is far below 2^32")
        });
        let id = TxId { slot, generation: self.slots[slot as usize].generation };
        match &key {
            Key::Client(key) => {
                self.clients.insert(*key, id);
            }
            Key::Server { key, merged } => {
                self.servers.insert(key.clone(), id);
                if let Some(merged) = merged {
                    self.merged.insert(merged.clone(), id);
                }
            }
        }
        let transaction = start(&mut Cx { now, id, timers: &mut self.timers, net });
        self.slots[slot as usize].used = Some(Used { transaction, key, open: None });
        self.settle(id);
        id
    }

    /// Lets a transaction act, and forgets it if that was its end.
    pub(crate) fn with<R>(
        &mut self,
        now: Timestamp,
        net: &mut Net,
        id: TxId,
        act: impl FnOnce(&mut Transaction, &mut Cx<'_>) -> R,
    ) -> Option<R> {
        let slot = self.slots.get_mut(id.slot as usize).filter(|slot| slot.generation == id.generation)?;
        let used = slot.used.as_mut()?;
        let result = act(&mut used.transaction, &mut Cx { now, id, timers: &mut self.timers, net });
        self.settle(id);
        Some(result)
    }

    pub(crate) fn with_invite<R>(
        &mut self,
        now: Timestamp,
        net: &mut Net,
        id: TxId,
        act: impl FnOnce(&mut InviteClient, &mut Cx<'_>) -> R,
    ) -> Option<R> {
        self.with(now, net, id, |transaction, cx| match transaction {
            Transaction::InviteClient(it) => Some(act(it, cx)),
            Transaction::Client(_) | Transaction::InviteServer(_) | Transaction::Server(_) => None,
        })?
    }

    pub(crate) fn with_invite_server<R>(
        &mut self,
        now: Timestamp,
        net: &mut Net,
        id: TxId,
        act: impl FnOnce(&mut InviteServer, &mut Cx<'_>) -> R,
    ) -> Option<R> {
        self.with(now, net, id, |transaction, cx| match transaction {
            Transaction::InviteServer(it) => Some(act(it, cx)),
            Transaction::Client(_) | Transaction::InviteClient(_) | Transaction::Server(_) => None,
        })?
    }

    fn settle(&mut self, id: TxId) {
        let Some(used) = &mut self.slots[id.slot as usize].used else { return };
        let open = used.transaction.open_on();
        if open != used.open {
            if let Some(flow) = used.open {
                self.open.remove(&(flow, id));
            }
            self.open.extend(open.map(|flow| (flow, id)));
            used.open = open;
        }
        if used.transaction.is_over() {
            self.remove(id);
        }
    }

    fn remove(&mut self, id: TxId) {
        let slot = &mut self.slots[id.slot as usize];
        let Some(used) = slot.used.take() else { return };
        slot.generation = slot.generation.wrapping_add(1);
        self.free.push(id.slot);
        match used.key {
            Key::Client(key) => {
                self.clients.remove(&key);
            }
            Key::Server { key, merged } => {
                self.servers.remove(&*key);
                if let Some(merged) = merged {
                    self.merged.remove(&*merged);
                }
            }
        }
    }

    /// Fires the next timer that is due; whose it was, what it came to, and who waits for it.
    pub(crate) fn fire(&mut self, now: Timestamp, net: &mut Net) -> Option<(TxId, Fired, Party)> {
        let (id, timer) = self.timers.take_due(now)?;
        let party = self.get(id).map_or(Party::Nobody, Party::of);
        let fired = self.with(now, net, id, |transaction, cx| transaction.on_timer(cx, timer));
        Some((id, fired.unwrap_or(Fired::Nothing), party))
    }

    /// Drops timers nobody waits for, so that nobody is woken for them.
    pub(crate) fn prune(&mut self) {
        let mut timers = std::mem::take(&mut self.timers);
        timers.prune(|(id, timer)| self.get(*id).is_some_and(|transaction| transaction.wants(*timer)));
        self.timers = timers;
    }
}

/// Who waits for the end of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Party {
    Client(Purpose),
    Server(DialogId),
    Nobody,
}

impl Party {
    pub(crate) fn of(transaction: &Transaction) -> Self {
        match transaction {
            Transaction::InviteClient(it) => Self::Client(it.purpose),
            Transaction::Client(it) => Self::Client(it.purpose),
            Transaction::InviteServer(it) => it.dialog.map_or(Self::Nobody, Self::Server),
            Transaction::Server(it) => it.dialog.map_or(Self::Nobody, Self::Server),
        }
    }
}
