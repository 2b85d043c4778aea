use hotline_model::history::{Flow, Transport};
use hotline_model::{Name, Timestamp};
use hotline_sip::registrar::{Binding, PingId, Registrar, RegistrarConfig, RegistrarEvent as Event};
use hotline_sip::{Header, Method, Request, Response};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

fn at(seconds: i64) -> Timestamp {
    Timestamp(seconds * 1_000_000)
}

fn udp(remote: &str) -> Flow {
    Flow { transport: Transport::Udp, local: "192.0.2.10:5060".parse().unwrap(), remote: remote.parse().unwrap(), connection: 0 }
}

fn tcp(remote: &str, connection: u64) -> Flow {
    Flow { transport: Transport::Tcp, connection, ..udp(remote) }
}

struct Phone {
    registrar: Registrar,
    cseq: u32,
    call_id: &'static str,
    flow: Flow,
    pings: bool,
}

impl Phone {
    fn new() -> Self {
        let registrar = Registrar::new(RegistrarConfig::default());
        Self { registrar, cseq: 0, call_id: "c1", flow: udp("192.0.2.1:5060"), pings: false }
    }

    fn request(&mut self, lines: &[(Header, &str)]) -> Request {
        self.cseq += 1;
        let mut request = Request::new(Method::Register, "sip:192.0.2.10").unwrap();
        request.push(Header::To, "<sip:1001@192.0.2.10>").unwrap();
        request.push(Header::CallId, self.call_id).unwrap();
        request.push(Header::CSeq, format!("{} REGISTER", self.cseq)).unwrap();
        for (header, value) in lines {
            request.push(*header, value).unwrap();
        }
        request
    }

    fn send(&mut self, now: Timestamp, lines: &[(Header, &str)]) -> Response {
        let request = self.request(lines);
        self.registrar.register(now, &request, &name(), self.pings, self.flow)
    }

    fn contact(&mut self, now: Timestamp, contact: &str) -> Response {
        self.send(now, &[(Header::Contact, contact)])
    }

    fn events(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.registrar.poll_event()).collect()
    }

    /// Events without the reminders to save.
    fn news(&mut self) -> Vec<Event> {
        self.events().into_iter().filter(|event| !matches!(event, Event::BindingsChanged { .. })).collect()
    }

    fn pinged(&mut self, now: Timestamp) -> Vec<(PingId, Flow)> {
        self.registrar.handle_timeout(now);
        let pings = self.events().into_iter().filter_map(|event| match event {
            Event::Ping { id, flow, .. } => Some((id, flow)),
            Event::Registered { .. } | Event::Unregistered { .. } | Event::Reachable { .. } | Event::BindingsChanged { .. } => None,
        });
        pings.collect()
    }

    fn remotes(&self) -> Vec<String> {
        self.registrar.contacts("1001").iter().map(|(_, flow)| flow.remote.to_string()).collect()
    }
}

fn name() -> Name {
    "1001".into()
}

fn listed(response: &Response) -> Vec<String> {
    response.headers.all(Header::Contact).map(|value| String::from_utf8_lossy(value).into_owned()).collect()
}

fn changed() -> Event {
    Event::BindingsChanged { account: name() }
}

fn registered(contact: &str) -> Event {
    Event::Registered { account: name(), contact: contact.into() }
}

fn unregistered(contact: &str, expired: bool) -> Event {
    Event::Unregistered { account: name(), contact: contact.into(), expired }
}

fn reachable(reachable: bool) -> Event {
    Event::Reachable { account: name(), reachable }
}

const A: &str = "sip:1001@192.0.2.1:5060";
const B: &str = "sip:1001@192.0.2.1:5070";

#[test]
fn a_registration_is_answered_with_its_bindings_rfc3261_10_3_8() {
    let mut phone = Phone::new();
    let response = phone.contact(at(0), &format!("<{A}>;expires=60"));
    assert_eq!((response.code, listed(&response)), (200, vec![format!("<{A}>;expires=60")]));
    assert_eq!(phone.events(), [changed(), registered(A), reachable(true)]);
    let response = phone.send(at(10), &[(Header::Contact, &format!("<{B}>;q=0.5")), (Header::Expires, "100")]);
    assert_eq!(listed(&response), [format!("<{A}>;expires=50"), format!("<{B}>;expires=100;q=0.500")]);
    assert_eq!(phone.news(), [registered(B)], "still reachable");
    let query = phone.send(at(11), &[]);
    assert_eq!((query.code, listed(&query).len()), (200, 2), "without Contact it is a query (10.2.3)");
}

#[test]
fn expiry_defaults_to_600_and_is_cut_to_3600() {
    let mut phone = Phone::new();
    assert_eq!(listed(&phone.contact(at(0), &format!("<{A}>"))), [format!("<{A}>;expires=600")]);
    assert_eq!(listed(&phone.contact(at(0), &format!("<{A}>;expires=99999999999"))), [format!("<{A}>;expires=3600")]);
    assert_eq!(listed(&phone.contact(at(0), &format!("<{A}>;expires=soon"))), [format!("<{A}>;expires=600")]);
}

#[test]
fn a_brief_interval_is_refused_with_423_and_min_expires() {
    let mut phone = Phone::new();
    let response = phone.contact(at(0), &format!("<{A}>;expires=9"));
    assert_eq!((response.code, response.headers.get(Header::MinExpires)), (423, Some(&b"10"[..])));
    assert_eq!(phone.contact(at(0), &format!("<{A}>;expires=10")).code, 200);
}

#[test]
fn a_binding_runs_out_at_its_time() {
    let mut phone = Phone::new();
    phone.contact(at(0), &format!("<{A}>;expires=60"));
    phone.events();
    assert_eq!(phone.registrar.poll_timeout(), Some(at(60)));
    phone.registrar.handle_timeout(at(60));
    assert_eq!(phone.news(), [unregistered(A, true), reachable(false)]);
    assert_eq!((phone.registrar.poll_timeout(), phone.remotes().len()), (None, 0));
}

#[test]
fn a_refresh_is_no_news_and_moves_the_expiry() {
    let mut phone = Phone::new();
    phone.contact(at(0), &format!("<{A}>;expires=60"));
    phone.events();
    phone.contact(at(30), &format!("\"Zhang\" <{A}>;expires=60"));
    assert_eq!(phone.events(), [changed()]);
    assert_eq!(phone.registrar.poll_timeout(), Some(at(90)));
}

#[test]
fn expires_0_removes_one_binding_and_a_star_removes_all_rfc3261_10_2_2() {
    let mut phone = Phone::new();
    phone.send(at(0), &[(Header::Contact, &format!("<{A}>, <{B}>"))]);
    phone.events();
    assert_eq!(listed(&phone.contact(at(1), &format!("<{A}>;expires=0"))), [format!("<{B}>;expires=599")]);
    assert_eq!(phone.news(), [unregistered(A, false)]);
    let response = phone.send(at(1), &[(Header::Contact, "*"), (Header::Expires, "0")]);
    assert_eq!((response.code, listed(&response).len()), (200, 0));
    assert_eq!(phone.news(), [unregistered(B, false), reachable(false)]);
}

#[test]
fn a_star_without_expires_0_is_refused_rfc3261_10_3_6() {
    let mut phone = Phone::new();
    phone.contact(at(0), &format!("<{A}>"));
    assert_eq!(phone.send(at(0), &[(Header::Contact, "*")]).code, 400);
    assert_eq!(phone.send(at(0), &[(Header::Contact, "*"), (Header::Expires, "60")]).code, 400);
    assert_eq!(phone.send(at(0), &[(Header::Contact, &format!("*, <{A}>")), (Header::Expires, "0")]).code, 400);
    assert_eq!(phone.remotes().len(), 1);
}

#[test]
fn an_older_register_of_the_same_call_id_changes_nothing_rfc3261_10_3_7() {
    let mut phone = Phone::new();
    phone.cseq = 10;
    phone.contact(at(0), &format!("<{A}>;expires=60"));
    phone.events();
    phone.cseq = 10;
    assert_eq!(phone.send(at(1), &[(Header::Contact, &format!("<{B}>, <{A}>;expires=0"))]).code, 500);
    phone.cseq = 5;
    assert_eq!(phone.send(at(1), &[(Header::Contact, "*"), (Header::Expires, "0")]).code, 500);
    assert_eq!((phone.events(), phone.remotes().len()), (vec![], 1), "all or nothing");
    phone.call_id = "after-a-reboot";
    phone.cseq = 0;
    assert_eq!(phone.contact(at(1), &format!("<{A}>;expires=0")).code, 200, "another Call-ID starts anew");
}

#[test]
fn nobody_registers_for_another() {
    let mut phone = Phone::new();
    let mut request = phone.request(&[(Header::Contact, &format!("<{A}>"))]);
    request.headers.set(Header::To, "<sip:1002@192.0.2.10>").unwrap();
    assert_eq!(phone.registrar.register(at(0), &request, &name(), false, phone.flow).code, 403);
    request.headers.set(Header::To, "isbn:2983792873").unwrap();
    assert_eq!(phone.registrar.register(at(0), &request, &name(), false, phone.flow).code, 400, "RFC 4475 3.3.4");
    request.headers.set(Header::To, "<sip:%31001@hotline.example>").unwrap();
    assert_eq!(phone.registrar.register(at(0), &request, &name(), false, phone.flow).code, 200, "escapes are undone");
}

#[test]
fn an_eleventh_contact_is_refused_unless_another_goes() {
    let mut phone = Phone::new();
    let contact = |port: u16| format!("<sip:1001@192.0.2.1:{port}>");
    for port in 1..=10 {
        assert_eq!(phone.contact(at(0), &contact(port)).code, 200);
    }
    assert_eq!(phone.contact(at(0), &contact(11)).code, 403);
    assert_eq!(phone.contact(at(0), &contact(10)).code, 200, "a refresh");
    assert_eq!(phone.contact(at(0), &format!("{}, {};expires=0", contact(11), contact(1))).code, 200);
    assert_eq!(phone.remotes().len(), 10);
}

#[test]
fn contacts_that_are_no_sip_uri_are_refused() {
    let mut phone = Phone::new();
    for contact in ["<name:John_Smith>", "<tel:+8610>", "<sip:>", "<sip:1001@192.0.2.1"] {
        assert_eq!(phone.contact(at(0), contact).code, 400, "{contact}");
    }
    assert_eq!(phone.events(), []);
}

#[test]
fn header_parameters_stay_out_of_the_uri_and_uri_headers_stay_in_it_rfc4475_3_3_12_to_14() {
    let mut phone = Phone::new();
    let response = phone.contact(at(0), "sip:+19725552222@gw1.example.net;unknownparam");
    assert_eq!(listed(&response), ["<sip:+19725552222@gw1.example.net>;expires=600"]);
    let response = phone.contact(at(0), "<sip:user@example.com?Route=%3Csip:sip.example.com%3E>");
    assert_eq!(listed(&response)[1], "<sip:user@example.com?Route=%3Csip:sip.example.com%3E>;expires=600");
}

#[test]
fn escaped_nulls_make_two_contacts_rfc4475_3_1_1_4() {
    let mut phone = Phone::new();
    let response =
        phone.send(at(0), &[(Header::Contact, "<sip:%00@host5.example.com>"), (Header::Contact, "<sip:%00%00@host5.example.com>")]);
    assert_eq!(listed(&response).len(), 2);
}

#[test]
fn a_contact_is_reached_where_it_says_if_it_came_from_there() {
    let mut phone = Phone::new();
    phone.flow = udp("192.0.2.1:40000");
    phone.contact(at(0), "<sip:1001@192.0.2.1:5070>");
    assert_eq!(phone.remotes(), ["192.0.2.1:5070"]);
    phone.contact(at(0), "<sip:1001@192.0.2.1>");
    assert_eq!(phone.remotes()[0], "192.0.2.1:5060", "newest first, 5060 if none is named");
}

#[test]
fn contacts_are_tried_by_q_and_of_equal_ones_the_newest_first_rfc3261_10_2_1_2_16_6() {
    let mut phone = Phone::new();
    for contact in [
        "<sip:1001@192.0.2.1:1>;q=0.5",
        "<sip:1001@192.0.2.1:2>",
        "<sip:1001@192.0.2.1:3>;q=0.05",
        "<sip:1001@192.0.2.1:4>;q=1.000",
        "<sip:1001@192.0.2.1:5>;q=0.5",
    ] {
        phone.contact(at(0), contact);
    }
    let order = |phone: &Phone| phone.remotes().iter().map(|remote| remote.rsplit(':').next().unwrap().to_owned()).collect::<String>();
    assert_eq!(order(&phone), "42513");
    let mut after = Registrar::new(RegistrarConfig::default());
    after.restore(at(1), phone.registrar.bindings(), |_| false);
    assert_eq!(after.contacts("1001"), phone.registrar.contacts("1001"), "a restart changes nothing");
    phone.contact(at(1), "<sip:1001@192.0.2.1:3>;q=0.8");
    assert_eq!(order(&phone), "42351", "the phone may think again");
}

#[test]
fn a_contact_behind_nat_is_reached_where_its_register_came_from() {
    for contact in
        ["<sip:1001@10.0.0.5:5060>", "<sip:1001@0.0.0.0>", "<sip:x@df7jal23ls0d.invalid;transport=ws>", "<sip:1001@pc33.example.com>"]
    {
        let mut phone = Phone::new();
        phone.flow = udp("203.0.113.7:31000");
        phone.contact(at(0), contact);
        assert_eq!(phone.remotes(), ["203.0.113.7:31000"], "{contact}");
    }
}

#[test]
fn the_same_contact_from_a_new_flow_moves_there() {
    let mut phone = Phone::new();
    phone.flow = udp("203.0.113.7:31000");
    phone.contact(at(0), "<sip:1001@10.0.0.5>");
    phone.events();
    phone.flow = udp("203.0.113.7:32000");
    phone.contact(at(1), "<sip:1001@10.0.0.5>");
    assert_eq!((phone.remotes(), phone.news()), (vec!["203.0.113.7:32000".into()], vec![]));
}

#[test]
fn the_same_phone_from_another_address_replaces_its_binding_rfc5626_6() {
    let mut phone = Phone::new();
    let instance = ";reg-id=1;+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-000A95A0E128>\"";
    phone.contact(at(0), &format!("<{A}>{instance}"));
    phone.events();
    phone.contact(at(1), &format!("<{B}>{instance}"));
    assert_eq!(phone.news(), [unregistered(A, false), registered(B)]);
}

#[test]
fn a_tcp_contact_is_reached_over_its_connection_until_it_closes_rfc5626_5_3() {
    let mut phone = Phone::new();
    phone.flow = tcp("203.0.113.7:31000", 4);
    phone.contact(at(0), "<sip:1001@10.0.0.5;transport=tcp>");
    assert_eq!(phone.registrar.contacts("1001")[0].1, phone.flow);
    phone.events();
    phone.registrar.closed(at(0), tcp("203.0.113.7:31000", 3));
    assert_eq!(phone.news(), []);
    phone.registrar.closed(at(0), phone.flow);
    assert_eq!((phone.news(), phone.remotes().len()), (vec![reachable(false)], 0));
    phone.flow = tcp("203.0.113.7:31001", 5);
    phone.contact(at(1), "<sip:1001@10.0.0.5;transport=tcp>");
    assert_eq!((phone.news(), phone.remotes().len()), (vec![reachable(true)], 1));
}

#[test]
fn a_tcp_contact_with_an_address_is_dialled_after_its_connection_closed() {
    let mut phone = Phone::new();
    phone.flow = tcp("192.0.2.1:31000", 4);
    phone.contact(at(0), "<sip:1001@192.0.2.1:5062;transport=tcp>");
    phone.events();
    phone.registrar.closed(at(0), phone.flow);
    assert_eq!(phone.news(), []);
    assert_eq!(phone.registrar.contacts("1001")[0].1, tcp("192.0.2.1:5062", 0));
}

#[test]
fn a_tcp_contact_whose_connection_closed_is_asked_at_once_and_gone_if_nobody_listens_there() {
    let mut phone = Phone { pings: true, ..Phone::new() };
    phone.flow = tcp("192.0.2.1:31000", 4);
    phone.contact(at(0), "<sip:1001@192.0.2.1:5062;transport=tcp>");
    phone.events();
    phone.registrar.closed(at(3), phone.flow);
    let (ping, flow) = phone.pinged(at(3))[0];
    assert_eq!(flow, tcp("192.0.2.1:5062", 0));
    phone.registrar.ping_failed(&name(), ping);
    assert_eq!((phone.news(), phone.remotes().len()), (vec![reachable(false)], 0));
    let (again, _) = phone.pinged(at(13))[0];
    phone.registrar.pong(&name(), again);
    assert_eq!(phone.news(), [reachable(true)]);
}

#[test]
fn two_unanswered_pings_make_a_contact_unreachable_and_any_answer_brings_it_back() {
    let mut phone = Phone { pings: true, ..Phone::new() };
    phone.send(at(0), &[(Header::Contact, &format!("<{A}>;expires=3600"))]);
    phone.events();
    assert_eq!(phone.registrar.poll_timeout(), Some(at(10)));
    let (first, flow) = phone.pinged(at(10))[0];
    assert_eq!(flow, udp("192.0.2.1:5060"));
    phone.registrar.pong(&name(), first);
    assert_eq!(phone.pinged(at(20)).len(), 1);
    assert_eq!(phone.pinged(at(30)).len(), 1, "one miss");
    assert_eq!(phone.remotes().len(), 1);
    phone.registrar.handle_timeout(at(40));
    assert!(phone.news().contains(&reachable(false)), "two misses");
    assert_eq!(phone.remotes().len(), 0);
    let (id, _) = phone.pinged(at(50))[0];
    phone.registrar.pong(&name(), id);
    assert_eq!((phone.news(), phone.remotes().len()), (vec![reachable(true)], 1));
}

#[test]
fn a_refused_ping_counts_at_once() {
    let mut phone = Phone { pings: true, ..Phone::new() };
    phone.contact(at(0), &format!("<{A}>"));
    let (id, _) = phone.pinged(at(10))[0];
    phone.registrar.ping_failed(&name(), id);
    let (id, _) = phone.pinged(at(20))[0];
    assert_eq!(phone.news(), []);
    phone.registrar.ping_failed(&name(), id);
    assert_eq!(phone.news(), [reachable(false)]);
    phone.registrar.ping_failed(&name(), id);
    phone.contact(at(21), &format!("<{A}>"));
    assert_eq!(phone.news(), [reachable(true)], "a new REGISTER proves it is there");
    phone.registrar.pong(&name(), id);
    assert_eq!(phone.news(), [], "an answer to a ping of the replaced binding means nothing");
}

#[test]
fn static_contacts_are_reported_from_their_first_answer_or_second_miss_on() {
    let mut phone = Phone::new();
    let targets = vec![(name(), "sip:gw@192.0.2.50".to_string(), udp("192.0.2.50:5060"))];
    phone.registrar.set_pings(at(0), targets.clone());
    let (id, _) = phone.pinged(at(0))[0];
    assert_eq!(phone.news(), []);
    phone.registrar.pong(&name(), id);
    assert_eq!(phone.news(), [reachable(true)]);
    assert_eq!(phone.registrar.contacts("1001"), [], "only registered contacts are listed");
    for second in [10, 20, 30] {
        phone.registrar.handle_timeout(at(second));
    }
    assert!(phone.news().contains(&reachable(false)));
    phone.registrar.set_pings(at(31), vec![]);
    assert_eq!((phone.news(), phone.registrar.poll_timeout()), (vec![], None));
}

#[test]
fn a_static_contact_that_stays_as_it_was_is_neither_asked_again_nor_forgotten() {
    let mut phone = Phone::new();
    let target = |port: u16| ("sip:gw@192.0.2.50".to_string(), udp(&format!("192.0.2.50:{port}")));
    let targets = |port: u16| vec![(name(), target(port).0, target(port).1), ("gateway".into(), target(5070).0, target(5070).1)];
    phone.registrar.set_pings(at(0), targets(5060));
    let pinged = phone.pinged(at(0));
    assert_eq!(pinged.len(), 2);
    phone.registrar.pong(&name(), pinged[0].0);
    assert_eq!(phone.news(), [reachable(true)]);
    let next = phone.registrar.poll_timeout();
    phone.registrar.set_pings(at(1), targets(5060));
    assert_eq!((phone.pinged(at(1)).len(), phone.registrar.poll_timeout()), (0, next), "the same as before");
    phone.registrar.set_pings(at(2), targets(5061));
    assert_eq!(phone.pinged(at(2)).len(), 1, "one is elsewhere");
    phone.registrar.set_pings(at(3), vec![(name(), target(5061).0, target(5061).1)]);
    assert_eq!((phone.pinged(at(3)).len(), phone.news()), (0, vec![]), "one has gone");
}

#[test]
fn a_static_contact_that_takes_no_calls_is_away_at_once_and_a_telephone_is_there_whatever_it_answers_rfc3261_11_2() {
    let mut phone = Phone::new();
    phone.registrar.set_pings(at(0), vec![(name(), "sip:gw@192.0.2.50".to_string(), udp("192.0.2.50:5060"))]);
    let (id, _) = phone.pinged(at(0))[0];
    phone.registrar.out_of_service(&name(), id);
    assert_eq!(phone.news(), [reachable(false)], "never yet seen alive");
    for (second, alive) in [(10, true), (20, false), (30, true)] {
        let (id, _) = phone.pinged(at(second))[0];
        if alive {
            phone.registrar.pong(&name(), id);
        } else {
            phone.registrar.out_of_service(&name(), id);
        }
        assert_eq!(phone.news(), [reachable(alive)], "{second}");
    }
    let mut phone = Phone { pings: true, ..Phone::new() };
    phone.contact(at(0), &format!("<{A}>"));
    phone.events();
    let (id, _) = phone.pinged(at(10))[0];
    phone.registrar.out_of_service(&name(), id);
    assert_eq!((phone.news(), phone.remotes().len()), (vec![], 1));
}

#[test]
fn a_static_contact_that_moves_stays_reachable_until_its_new_place_has_missed_and_is_gone_without_one() {
    let mut phone = Phone::new();
    let target = |address| Some(("sip:gw@gw.example".to_string(), udp(address)));
    phone.registrar.set_ping(at(0), &name(), target("192.0.2.50:5060"));
    let (id, _) = phone.pinged(at(0))[0];
    phone.registrar.pong(&name(), id);
    assert_eq!(phone.news(), [reachable(true)]);
    phone.registrar.set_ping(at(1), &name(), target("192.0.2.51:5060"));
    let pinged = phone.pinged(at(1));
    assert_eq!((pinged.len(), pinged[0].1), (1, udp("192.0.2.51:5060")), "the new place is asked at once, the old one no more");
    phone.registrar.pong(&name(), id);
    assert_eq!(phone.news(), [], "an answer from the old place means nothing");
    for second in [11, 21, 31] {
        phone.registrar.handle_timeout(at(second));
    }
    assert!(phone.news().contains(&reachable(false)));
    phone.registrar.set_ping(at(32), &name(), None);
    assert_eq!((phone.news(), phone.registrar.poll_timeout()), (vec![], None));
}

#[test]
fn bindings_come_back_after_a_restart() {
    let mut phone = Phone { pings: true, ..Phone::new() };
    phone.contact(at(0), &format!("<{A}>;expires=100;q=0.3"));
    phone.flow = udp("203.0.113.7:31000");
    phone.contact(at(0), "<sip:1001@10.0.0.5>;expires=20");
    phone.flow = tcp("203.0.113.7:31001", 2);
    phone.contact(at(0), "<sip:1001@10.0.0.6;transport=tcp>;expires=100");
    let saved = phone.registrar.bindings();
    assert_eq!(saved.len(), 3);
    let mut again = Phone::new();
    again.registrar.restore(at(50), saved.clone(), |account| account == "1001");
    assert_eq!(again.news(), [registered(A), reachable(true), registered("sip:1001@10.0.0.6;transport=tcp")]);
    assert_eq!(again.remotes(), ["192.0.2.1:5060"], "the connection is gone, its phone must come again");
    let kept: Vec<Binding> = again.registrar.bindings();
    assert_eq!(kept[0], saved[0]);
    again.registrar.handle_timeout(at(100));
    assert_eq!(again.remotes().len(), 0);
}

#[test]
fn restored_bindings_obey_the_limit_and_the_syntax() {
    let mut phone = Phone::new();
    let binding = |contact: String| Binding {
        account: name(),
        contact,
        flow: udp("192.0.2.1:5060"),
        expires: at(100),
        call_id: "c".into(),
        cseq: 1,
        q: 1000,
        instance: None,
    };
    let many = (0..20).map(|port: u16| binding(format!("sip:1001@192.0.2.1:{port}"))).chain([binding("sip:\r\nX: 1".into())]);
    phone.registrar.restore(at(0), many.collect(), |_| false);
    assert_eq!(phone.registrar.bindings().len(), 10);
    let _: SocketAddr = phone.remotes()[0].parse().unwrap();
}

#[test]
fn it_is_known_from_where_somebody_is_registered() {
    let mut phone = Phone::new();
    phone.contact(at(0), &format!("<{A}>;expires=60"));
    assert!(phone.registrar.knows([192, 0, 2, 1].into()) && !phone.registrar.knows([192, 0, 2, 2].into()));
    phone.registrar.handle_timeout(at(60));
    assert!(!phone.registrar.knows([192, 0, 2, 1].into()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Against a map from contact to expiry: the same bindings, every change told once, nothing left behind.
    #[test]
    fn the_registrar_agrees_with_a_plain_map(steps in proptest::collection::vec((0u16..14, 0u32..4, 0i64..40), 1..60)) {
        let mut phone = Phone { pings: true, ..Phone::new() };
        let mut model: BTreeMap<String, i64> = BTreeMap::new();
        let (mut now, mut told, mut up) = (0, BTreeSet::new(), false);
        for (port, expires, wait) in steps {
            now += wait;
            let (contact, seconds) = (format!("sip:1001@192.0.2.1:{}", 5000 + port), i64::from(expires * 20));
            let code = phone.contact(at(now), &format!("<{contact}>;expires={seconds}")).code;
            model.retain(|_, until| *until > now);
            let fits = model.contains_key(&contact) || model.len() < 10 || seconds == 0;
            prop_assert_eq!(code, if fits { 200 } else { 403 });
            if seconds == 0 {
                model.remove(&contact);
            } else if fits {
                model.insert(contact, now + seconds);
            }
            let bound: BTreeMap<String, i64> =
                phone.registrar.bindings().into_iter().map(|binding| (binding.contact, binding.expires.0 / 1_000_000)).collect();
            prop_assert_eq!(&bound, &model);
            for event in phone.events() {
                match event {
                    Event::Registered { contact, .. } => prop_assert!(told.insert(contact)),
                    Event::Unregistered { contact, .. } => prop_assert!(told.remove(&contact)),
                    Event::Reachable { reachable, .. } => {
                        prop_assert!(reachable != up);
                        up = reachable;
                    }
                    Event::Ping { id, account, .. } => phone.registrar.pong(&account, id),
                    Event::BindingsChanged { .. } => {}
                }
            }
            prop_assert!(told.iter().eq(model.keys()));
            prop_assert_eq!(up, !model.is_empty());
        }
        phone.registrar.handle_timeout(at(now + 100));
        prop_assert_eq!((phone.registrar.poll_timeout(), phone.registrar.bindings().len()), (None, 0));
        prop_assert!(!phone.registrar.knows([192, 0, 2, 1].into()));
    }
}
