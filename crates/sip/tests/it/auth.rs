use hotline_model::Timestamp;
use hotline_sip::auth::{Account, Algorithm, Challenge, Credentials, Gate, GateLimits, Secret, Verdict, ha1, respond};
use hotline_sip::{Header, Method, Request};
use proptest::prelude::*;
use std::net::IpAddr;

const URI: &str = "sip:192.0.2.10";

fn at(seconds: i64) -> Timestamp {
    Timestamp(seconds * 1_000_000)
}

fn home() -> IpAddr {
    [192, 0, 2, 1].into()
}

fn account(name: &str, password: &str) -> Account {
    Account { name: name.into(), secret: Secret::Password(password.into()), sha256: false, ping: false }
}

fn gate_of(accounts: Vec<Account>) -> Gate {
    let mut gate = Gate::new("hotline", [7; 32], GateLimits::default());
    gate.set_accounts(accounts);
    gate
}

fn gate() -> Gate {
    gate_of(vec![account("1001", "secret"), account("1002", "other")])
}

fn register(user: &str, authorization: Option<&str>) -> Request {
    let mut request = Request::new(Method::Register, URI).unwrap();
    request.push(Header::From, format!("<sip:{user}@192.0.2.10>;tag=a")).unwrap();
    if let Some(value) = authorization {
        request.push(Header::Authorization, value).unwrap();
    }
    request
}

fn challenged(gate: &mut Gate, now: Timestamp, source: IpAddr, user: &str) -> Challenge {
    match gate.judge(now, source, &register(user, None)) {
        Verdict::Challenge(value) => Challenge::parse(value.as_bytes()).unwrap(),
        other => panic!("{other:?}"),
    }
}

fn answer(challenge: &Challenge, user: &str, password: &str, count: u32) -> Request {
    register(user, Some(&respond(challenge, "REGISTER", URI, user, password, "cn", count)))
}

fn challenge(verdict: Verdict) -> Challenge {
    match verdict {
        Verdict::Challenge(value) => Challenge::parse(value.as_bytes()).unwrap(),
        other => panic!("{other:?}"),
    }
}

fn granted(name: &str) -> Verdict {
    Verdict::Granted(name.into())
}

#[test]
fn the_digests_of_rfc7616_3_9_1_come_out() {
    let digest = |algorithm: &str, response: &str| {
        let value = format!(
            "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", algorithm={algorithm}, \
             nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, \
             cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, response=\"{response}\", \
             opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
        );
        let given = Credentials::parse(value.as_bytes()).unwrap();
        let ha1 = ha1(given.algorithm, "Mufasa", "http-auth@example.org", "Circle of Life");
        assert_eq!(given.expected(&ha1, "GET"), response);
    };
    digest("MD5", "8ca523f5e9506fed4657c9700eebdbec");
    digest("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
}

#[test]
fn the_digest_of_rfc2617_3_5_comes_out() {
    let value = "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", \
                 uri=\"/dir/index.html\", qop=auth, nc=00000001, cnonce=\"0a4f113b\", response=\"6629fae49393a05397450978507c4ef1\"";
    let given = Credentials::parse(value.as_bytes()).unwrap();
    let ha1 = ha1(Algorithm::Md5, "Mufasa", "testrealm@host.com", "Circle Of Life");
    assert_eq!(ha1, "939e7578ed9e3c518a452acee763bce9");
    assert_eq!(given.expected(&ha1, "GET"), given.response);
}

#[test]
fn without_qop_the_digest_is_that_of_rfc2069() {
    let value = "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", \
                 uri=\"/dir/index.html\", response=\"670fd8c2df070c60b045671b8b24ff02\"";
    let given = Credentials::parse(value.as_bytes()).unwrap();
    let ha1 = ha1(Algorithm::Md5, "Mufasa", "testrealm@host.com", "Circle Of Life");
    assert_eq!((given.expected(&ha1, "GET"), given.auth.clone()), (given.response.clone(), None));
}

#[test]
fn a_right_answer_passes_and_a_wrong_one_is_challenged_again() {
    let mut gate = gate();
    let first = challenged(&mut gate, at(0), home(), "1001");
    assert!(!challenge(gate.judge(at(1), home(), &answer(&first, "1001", "guess", 1))).stale);
    assert_eq!(gate.judge(at(1), home(), &answer(&first, "1001", "secret", 2)), granted("1001"));
    assert_eq!((gate.counters().granted, gate.counters().wrong), (1, 1));
}

#[test]
fn a_replayed_answer_is_stale_rfc7616_3_4() {
    let mut gate = gate();
    let first = challenged(&mut gate, at(0), home(), "1001");
    let request = answer(&first, "1001", "secret", 1);
    assert_eq!(gate.judge(at(1), home(), &request), granted("1001"));
    assert!(challenge(gate.judge(at(2), home(), &request)).stale);
    assert_eq!(gate.judge(at(3), home(), &answer(&first, "1001", "secret", 2)), granted("1001"), "a higher count is no replay");
    assert_eq!(gate.counters().stale, 1);
}

#[test]
fn an_answer_without_qop_passes_once() {
    let mut gate = gate();
    let first = Challenge { qop: false, ..challenged(&mut gate, at(0), home(), "1001") };
    let request = answer(&first, "1001", "secret", 1);
    assert_eq!(gate.judge(at(1), home(), &request), granted("1001"));
    assert!(challenge(gate.judge(at(1), home(), &request)).stale);
}

#[test]
fn a_nonce_is_good_for_60_seconds() {
    let mut gate = gate();
    let first = challenged(&mut gate, at(0), home(), "1001");
    assert_eq!(gate.judge(at(60), home(), &answer(&first, "1001", "secret", 1)), granted("1001"));
    assert!(challenge(gate.judge(at(61), home(), &answer(&first, "1001", "secret", 2))).stale);
}

#[test]
fn a_nonce_of_another_source_or_of_nobody_is_stale() {
    let mut gate = gate();
    let first = challenged(&mut gate, at(0), home(), "1001");
    let elsewhere = IpAddr::from([192, 0, 2, 2]);
    assert!(challenge(gate.judge(at(1), elsewhere, &answer(&first, "1001", "secret", 1))).stale);
    for nonce in ["", "0", "abc", "00000000000f4240000000010000", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffff"] {
        let forged = Challenge { nonce: nonce.into(), ..first.clone() };
        assert!(challenge(gate.judge(at(1), home(), &answer(&forged, "1001", "secret", 1))).stale, "{nonce}");
    }
    assert_eq!(gate.counters().wrong, 0, "nothing was evaluated");
}

#[test]
fn the_eleventh_wrong_guess_in_a_minute_is_not_evaluated() {
    let mut gate = gate();
    let first = challenged(&mut gate, at(0), home(), "1001");
    for count in 1..=10 {
        challenge(gate.judge(at(1), home(), &answer(&first, "1001", "guess", count)));
    }
    challenge(gate.judge(at(2), home(), &answer(&first, "1001", "secret", 11)));
    assert_eq!((gate.counters().wrong, gate.counters().blocked), (10, 1));
    let other = challenged(&mut gate, at(2), home(), "1002");
    assert_eq!(gate.judge(at(2), home(), &answer(&other, "1002", "other", 1)), granted("1002"), "another account of that source");
    let elsewhere = IpAddr::from([192, 0, 2, 2]);
    let second = challenged(&mut gate, at(2), elsewhere, "1001");
    assert_eq!(gate.judge(at(2), elsewhere, &answer(&second, "1001", "secret", 1)), granted("1001"), "that account from elsewhere");
    let later = challenged(&mut gate, at(62), home(), "1001");
    assert_eq!(gate.judge(at(62), home(), &answer(&later, "1001", "secret", 1)), granted("1001"), "after the window");
}

#[test]
fn guesses_are_counted_per_ipv6_network() {
    let mut gate = gate();
    for host in 0..12u16 {
        let source = IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, host]);
        let first = challenged(&mut gate, at(1), source, "1001");
        challenge(gate.judge(at(1), source, &answer(&first, "1001", "guess", 1)));
    }
    assert_eq!((gate.counters().wrong, gate.counters().blocked), (10, 2));
}

#[test]
fn unknown_users_get_the_same_answers_as_known_ones() {
    let mut gate = gate();
    let shape = |verdict: Verdict| {
        let Verdict::Challenge(value) = verdict else { panic!("{verdict:?}") };
        let nonce = Challenge::parse(value.as_bytes()).unwrap().nonce;
        value.replace(&nonce, "N")
    };
    let known = shape(gate.judge(at(0), home(), &register("1001", None)));
    let unknown = shape(gate.judge(at(0), home(), &register("9999", None)));
    assert_eq!(known, unknown);
    for count in 1..=12 {
        let (a, b) = (challenged(&mut gate, at(1), home(), "1001"), challenged(&mut gate, at(1), home(), "9999"));
        let known = shape(gate.judge(at(1), home(), &answer(&a, "1001", "guess", count)));
        let unknown = shape(gate.judge(at(1), home(), &answer(&b, "9999", "", count)));
        assert_eq!(known, unknown, "guess {count}");
    }
}

#[test]
fn sha256_is_asked_of_accounts_that_want_it_and_md5_does_not_do_rfc8760() {
    let mut gate = gate_of(vec![Account { sha256: true, ..account("1001", "secret") }]);
    let first = challenged(&mut gate, at(0), home(), "1001");
    assert_eq!(first.algorithm, Algorithm::Sha256);
    let weaker = Challenge { algorithm: Algorithm::Md5, ..first.clone() };
    challenge(gate.judge(at(1), home(), &answer(&weaker, "1001", "secret", 1)));
    assert_eq!(gate.judge(at(1), home(), &answer(&first, "1001", "secret", 1)), granted("1001"));
    assert_eq!(challenged(&mut gate, at(1), home(), "9999").algorithm, Algorithm::Sha256, "the algorithm betrays nobody");
}

#[test]
fn a_stored_ha1_is_as_good_as_the_password_for_its_algorithm_only() {
    let md5 = Some(ha1(Algorithm::Md5, "1001", "hotline", "secret").to_ascii_uppercase());
    let seat = Account { secret: Secret::Ha1 { md5, sha256: None }, ..account("1001", "") };
    let mut gate = gate_of(vec![seat.clone()]);
    let first = challenged(&mut gate, at(0), home(), "1001");
    assert_eq!(gate.judge(at(1), home(), &answer(&first, "1001", "secret", 1)), granted("1001"));
    let mut gate = gate_of(vec![Account { sha256: true, ..seat }]);
    for password in ["secret", ""] {
        let first = challenged(&mut gate, at(0), home(), "1001");
        challenge(gate.judge(at(1), home(), &answer(&first, "1001", password, 1)));
    }
}

#[test]
fn other_schemes_and_broken_credentials_are_challenged_rfc4475_3_3_7() {
    let mut gate = gate();
    for value in [
        "NoOneKnowsThisScheme opaque-data=here",
        "Digest",
        "Digest username",
        "Digest username=\"1001",
        "Digest username=\"1001\",username=\"1002\",realm=\"hotline\",nonce=\"n\",uri=\"u\",response=\"r\"",
        "Digest username=\"1001\",realm=\"hotline\",nonce=\"n\",uri=\"u\",response=\"r\",qop=auth",
        "Digest username=\"1001\",realm=\"hotline\",nonce=\"n\",uri=\"u\",response=\"r\",qop=auth,nc=+0000001,cnonce=\"c\"",
        "Digest username=\"1001\",realm=\"hotline\",nonce=\"n\",uri=\"u\",response=\"r\",algorithm=SHA-512",
    ] {
        assert!(!challenge(gate.judge(at(0), home(), &register("1001", Some(value)))).stale, "{value}");
    }
}

#[test]
fn a_full_table_of_used_nonces_refuses_and_recovers() {
    let mut gate = Gate::new("hotline", [7; 32], GateLimits { used: 1, ..GateLimits::default() });
    gate.set_accounts(vec![account("1001", "secret")]);
    let (first, second) = (challenged(&mut gate, at(0), home(), "1001"), challenged(&mut gate, at(0), home(), "1001"));
    assert_eq!(gate.judge(at(1), home(), &answer(&first, "1001", "secret", 1)), granted("1001"));
    assert_eq!(gate.judge(at(2), home(), &answer(&second, "1001", "secret", 1)), Verdict::Full);
    assert_eq!(gate.judge(at(2), home(), &answer(&first, "1001", "secret", 2)), granted("1001"));
    let third = challenged(&mut gate, at(62), home(), "1001");
    assert_eq!(gate.judge(at(62), home(), &answer(&third, "1001", "secret", 1)), granted("1001"));
}

#[test]
fn the_oldest_suspect_is_forgotten_when_there_are_too_many() {
    let mut gate = Gate::new("hotline", [7; 32], GateLimits { suspects: 2, guesses: 1, ..GateLimits::default() });
    gate.set_accounts(vec![account("1001", "secret")]);
    for host in 1..=3 {
        let source = IpAddr::from([192, 0, 2, host]);
        let first = challenged(&mut gate, at(0), source, "1001");
        challenge(gate.judge(at(0), source, &answer(&first, "1001", "guess", 1)));
    }
    let first = challenged(&mut gate, at(1), home(), "1001");
    assert_eq!(gate.judge(at(1), home(), &answer(&first, "1001", "secret", 1)), granted("1001"));
}

#[test]
fn a_challenge_with_only_auth_int_or_another_scheme_is_not_for_us() {
    assert_eq!(Challenge::parse(b"Digest realm=\"r\",nonce=\"n\",qop=\"auth-int\""), None);
    assert_eq!(Challenge::parse(b"Basic realm=\"r\""), None);
    let offered = Challenge::parse(b"digest realm=\"r\" , nonce=\"n\", qop=\"auth-int, auth\",opaque=\"o\",stale=TRUE").unwrap();
    assert!(offered.qop && offered.stale);
    assert!(respond(&offered, "INVITE", "sip:x", "u", "p", "c", 3).contains("nc=00000003,cnonce=\"c\",opaque=\"o\""));
}

#[test]
fn a_secret_does_not_show_itself() {
    assert!(!format!("{:?}", account("1001", "hunter2")).contains("hunter2"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn client_and_gate_agree(user in "[a-z0-9._@ +-]{1,20}", password in "[ -~]{0,20}", wrong in "[ -~]{0,20}", sha256: bool, qop: bool) {
        let mut gate = gate_of(vec![Account { sha256, ..account(&user, &password) }]);
        let offered = match gate.judge(at(5), home(), &register("x", None)) {
            Verdict::Challenge(value) => Challenge::parse(value.as_bytes()).unwrap(),
            other => return Err(TestCaseError::fail(format!("{other:?}"))),
        };
        let offered = Challenge { qop, ..offered };
        let refused = gate.judge(at(6), home(), &answer(&offered, &user, &wrong, 1));
        prop_assert_eq!(matches!(refused, Verdict::Granted(_)), wrong == password);
        if wrong != password {
            prop_assert_eq!(gate.judge(at(6), home(), &answer(&offered, &user, &password, 2)), granted(&user));
        }
    }

    #[test]
    fn no_authorization_value_confuses_the_gate(value in "(Digest )?[ -~]{0,60}", put in "[ -~\u{80}-\u{ff}]{0,6}", place: prop::sample::Index) {
        let mut gate = gate();
        let first = challenged(&mut gate, at(0), home(), "1001");
        let mut right = respond(&first, "REGISTER", URI, "1001", "secret", "cn", 1);
        right.insert_str(place.index(right.len()), &put);
        for value in [value, right] {
            let verdict = gate.judge(at(1), home(), &register("1001", Some(&value)));
            prop_assert!(!matches!(verdict, Verdict::Granted(name) if &*name != "1001"));
        }
    }
}
