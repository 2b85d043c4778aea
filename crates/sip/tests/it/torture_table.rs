//! What RFC 4475 and RFC 5118 expect of each of their messages, written from their text.

/// What the parser and `check` make of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// Well formed, or near enough.
    Accept,
    /// To be answered with this code at once.
    Respond(u16),
    /// Never answered.
    Drop,
}

/// One message.
#[derive(Debug)]
pub struct Case {
    /// Name of the file, without extension.
    pub name: &'static str,
    /// RFC 4475 section (3.x) or RFC 5118 section (4.x).
    pub section: &'static str,
    /// What the wire layer says.
    pub wire: Wire,
    /// Final codes an endpoint may answer with that challenges every REGISTER; empty: no answer, or whatever the call's fate is.
    pub endpoint: &'static [u16],
    /// Why.
    pub why: &'static str,
}

const fn case(name: &'static str, section: &'static str, wire: Wire, endpoint: &'static [u16], why: &'static str) -> Case {
    Case { name, section, wire, endpoint, why }
}

use Wire::{Accept, Drop, Respond};

/// RFC 4475: 49 messages.
pub const RFC4475: &[Case] = &[
    case("wsinv", "3.1.1.1", Accept, &[], "folding, space around separators, compact names, leading zeros are legal"),
    case("intmeth", "3.1.1.2", Accept, &[501, 405], "odd but legal characters; a quoted NUL; an unknown method"),
    case("esc01", "3.1.1.3", Accept, &[], "%-escapes in user parts and URI parameters"),
    case("escnull", "3.1.1.4", Accept, &[401], "an escaped NUL is part of the user, two contacts differ by it"),
    case("esc02", "3.1.1.5", Accept, &[501, 405], "% in a method, a display name and a header name is no escape"),
    case("lwsdisp", "3.1.1.6", Accept, &[200], "no space before <: a bug of the grammar"),
    case("longreq", "3.1.1.7", Accept, &[], "long values, 34 Via fields"),
    case("dblreq", "3.1.1.8", Accept, &[401], "what follows Content-Length in a datagram is noise (18.3)"),
    case("semiuri", "3.1.1.9", Accept, &[200, 404], "a semicolon and an escaped @ in the user part"),
    case("transports", "3.1.1.10", Accept, &[200], "unknown transports in lower Vias"),
    case("mpart01", "3.1.1.11", Accept, &[405], "a binary body with NULs, framed by its length"),
    case("unreason", "3.1.1.12", Accept, &[], "a response with an unusual reason phrase; no transaction: nothing said"),
    case("noreason", "3.1.1.13", Accept, &[], "an empty reason phrase"),
    case("badinv01", "3.1.2.1", Respond(400), &[400], "empty Via values between commas"),
    case("clerr", "3.1.2.2", Respond(400), &[400], "Content-Length beyond the datagram"),
    case("ncl", "3.1.2.3", Respond(400), &[400], "a negative Content-Length"),
    case("scalar02", "3.1.2.4", Respond(400), &[400], "CSeq above 2^32-1"),
    case("scalarlg", "3.1.2.5", Drop, &[], "a response with CSeq above 2^32-1"),
    case("quotbal", "3.1.2.6", Respond(400), &[400], "a quote stays open in To"),
    case("ltgtruri", "3.1.2.7", Respond(400), &[400], "Request-URI in angle brackets: always reasonable to reject"),
    case("lwsruri", "3.1.2.8", Respond(400), &[400], "space inside the Request-URI"),
    case("lwsstart", "3.1.2.9", Accept, &[], "several spaces in the start line: a liberal element ignores them"),
    case("trws", "3.1.2.10", Accept, &[200], "spaces at the end of the start line: likewise"),
    case("escruri", "3.1.2.11", Respond(400), &[400], "headers in the Request-URI: rejected, nothing may be smuggled"),
    case("baddate", "3.1.2.12", Accept, &[], "a Date nobody reads is no reason to reject"),
    case("regbadct", "3.1.2.13", Respond(400), &[400], "a Contact URI with headers must stand in <>"),
    case("badaspec", "3.1.2.14", Accept, &[200], "spaces inside <>: a liberal element ignores them"),
    case("baddn", "3.1.2.15", Accept, &[200], "an unquoted comma in To/From, which are no lists: quotes inferred"),
    case("badvers", "3.1.2.16", Respond(505), &[505], "SIP/7.0"),
    case("mismatch01", "3.1.2.17", Respond(400), &[400], "CSeq names another method"),
    case("mismatch02", "3.1.2.18", Respond(501), &[501], "likewise with an unknown method: 501 preferred"),
    case("bigcode", "3.1.2.19", Drop, &[], "status code above 699"),
    case("badbranch", "3.2.1", Accept, &[200], "a bare magic cookie: matched as RFC 2543 did"),
    case("insuf", "3.3.1", Respond(400), &[400], "Call-ID, From and To missing"),
    case("unkscm", "3.3.2", Respond(416), &[416], "an unknown scheme in the Request-URI"),
    case("novelsc", "3.3.3", Respond(416), &[416], "a scheme we never serve"),
    case("unksm2", "3.3.4", Accept, &[400, 401], "unknown schemes in To, From, Contact are well formed; a registrar says 400"),
    case("bext01", "3.3.5", Accept, &[420], "Require lists what nobody supports"),
    case("invut", "3.3.6", Accept, &[415], "an unknown body type"),
    case("regaut01", "3.3.7", Accept, &[401], "an unknown authorization scheme: a new challenge"),
    case("multi01", "3.3.8", Respond(400), &[400], "several Call-ID, To, From, CSeq"),
    case("mcl01", "3.3.9", Respond(400), &[400], "two different Content-Lengths"),
    case("bcast", "3.3.10", Accept, &[], "well formed; an endpoint discards a response with two Vias (18.1.2)"),
    case("zeromf", "3.3.11", Accept, &[200, 483], "an endpoint should go on as if Max-Forwards were positive; one that relays says 483"),
    case("cparam01", "3.3.12", Accept, &[401], "a header parameter of Contact, not of its URI"),
    case("cparam02", "3.3.13", Accept, &[401], "a parameter of the Contact URI"),
    case("regescrt", "3.3.14", Accept, &[401], "headers in a Contact URI belong to the binding"),
    case("sdp01", "3.3.15", Accept, &[406, 400], "Accept leaves no room for an SDP answer"),
    case("inv2543", "3.4.1", Accept, &[], "no branch, no From tag, no Content-Length, no Max-Forwards"),
];

/// RFC 5118: 12 messages.
pub const RFC5118: &[Case] = &[
    case("ipv6-good", "4.1", Accept, &[401], "IPv6 in Request-URI, Via and Contact"),
    case("ipv6-bad", "4.2", Respond(400), &[400], "IPv6 without brackets in the Request-URI"),
    case("port-ambiguous", "4.3", Accept, &[401], "the port inside the brackets is part of the address"),
    case("port-unambiguous", "4.4", Accept, &[401], "the port behind the brackets"),
    case("via-received-param-with-delim", "4.5", Accept, &[481], "received in brackets must be tolerated"),
    case("via-received-param-no-delim", "4.5", Accept, &[200], "received without brackets"),
    case("ipv6-in-sdp", "4.6", Accept, &[], "IPv6 in the body is none of our affair"),
    case("mult-ip-in-header", "4.7", Accept, &[481], "IPv4 and IPv6 Vias mixed"),
    case("mult-ip-in-sdp", "4.8", Accept, &[], "IPv4 and IPv6 in the body"),
    case("ipv4-mapped-ipv6", "4.9", Accept, &[], "IPv4-mapped addresses"),
    case("ipv6-bug-abnf-3-colons", "4.10", Accept, &[200, 404], "one colon too many, allowed by an old grammar"),
    case("ipv6-correct-abnf-2-colons", "4.10", Accept, &[200, 404], "the same, corrected"),
];
