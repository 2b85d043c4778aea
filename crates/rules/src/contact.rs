//! The address of a seat's fixed telephone: as much of a SIP URI (RFC 3261 19.1.1) as we can call.

use crate::Said;
use crate::said::both;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Longest host name and longest part of it (RFC 1035 2.3.4).
const LONGEST_HOST: usize = 253;
const LONGEST_LABEL: usize = 63;

/// What is wrong with a contact.
pub(crate) fn mistake(contact: &str) -> Option<Said> {
    if contact.bytes().any(|byte| !byte.is_ascii_graphic() || b"<>{}\"".contains(&byte)) {
        return Some(both("spaces, brackets and letters beyond ASCII have no place in it", "其中不能有空格、尖括号、引号和非 ASCII 字符"));
    }
    let Some(rest) = contact.strip_prefix("sip:") else {
        return Some(if contact.starts_with("sips:") {
            both("TLS is not there yet", "尚不支持 TLS")
        } else {
            both("must begin with `sip:`", "必须以 `sip:` 开头")
        });
    };
    let rest = rest.split_once('?').map_or(rest, |(rest, _)| rest);
    let (address, parameters) = rest.split_once(';').unwrap_or((rest, ""));
    let host_port = address.rsplit_once('@').map_or(address, |(_, host)| host);
    wrong_host_port(host_port).or_else(|| parameters.split(';').find_map(wrong_parameter))
}

fn wrong_host_port(text: &str) -> Option<Said> {
    if let Some(rest) = text.strip_prefix('[') {
        let Some((host, port)) = rest.split_once(']') else { return Some(both("`]` is missing", "缺少 `]`")) };
        let wrong = host.parse::<Ipv6Addr>().is_err().then_some(both("no IPv6 address between the brackets", "方括号内不是 IPv6 地址"));
        return wrong.or_else(|| host.parse().ok().and_then(of_nobody)).or_else(|| match port.strip_prefix(':') {
            Some(port) => wrong_port(port),
            None => (!port.is_empty()).then_some(both("only a port may follow `]`", "`]` 之后只能是端口")),
        });
    }
    let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
    wrong_host(host).or_else(|| port.and_then(wrong_port))
}

fn wrong_host(host: &str) -> Option<Said> {
    let numeric = !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let label = |label: &str| {
        let inner = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        inner && !label.is_empty() && label.len() <= LONGEST_LABEL && !label.starts_with('-') && !label.ends_with('-')
    };
    if host.is_empty() {
        Some(both("the host is missing", "缺少主机"))
    } else if numeric {
        host.parse::<Ipv4Addr>().map_or_else(|_| Some(both("not an IPv4 address", "不是 IPv4 地址")), |address| of_nobody(address.into()))
    } else {
        (host.len() > LONGEST_HOST || !host.trim_end_matches('.').split('.').all(label)).then_some(both("not a host name", "不是主机名"))
    }
}

/// Addresses that no telephone and no gateway has (RFC 6890).
fn of_nobody(address: IpAddr) -> Option<Said> {
    let broadcast = address == IpAddr::V4(Ipv4Addr::BROADCAST);
    (address.is_unspecified() || address.is_multicast() || broadcast).then_some(both("an address that is nobody's", "不是任何设备的地址"))
}

fn wrong_port(port: &str) -> Option<Said> {
    let good = port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port != 0);
    (!good).then_some(both("a port is 1 to 65535", "端口为 1 至 65535"))
}

fn wrong_parameter(parameter: &str) -> Option<Said> {
    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
    let transport = name.eq_ignore_ascii_case("transport");
    let carried = ["udp", "tcp"].iter().any(|known| value.eq_ignore_ascii_case(known));
    (transport && !carried)
        .then_some(both("the transport is `udp` or `tcp`; TLS is not there yet", "`transport` 为 `udp` 或 `tcp`；尚不支持 TLS"))
}

#[cfg(test)]
mod tests {
    use super::mistake;

    #[test]
    fn what_can_be_called_is_good_and_what_cannot_is_told_from_it() {
        for good in [
            "sip:1001@192.0.2.7",
            "sip:192.0.2.7:5062",
            "sip:1001@phone7.office:5060;transport=TCP",
            "sip:a@[2001:db8::7]:5060;ob",
            "sip:name@localhost",
            "sip:a@[::1]",
        ] {
            assert_eq!(mistake(good), None, "{good}");
        }
        let long = format!("sip:x@{}", "a.".repeat(150));
        for (bad, why) in [
            ("1001@192.0.2.7", "begin"),
            ("sips:1001@192.0.2.7", "TLS"),
            ("sip:1001@192.0.2.7:5061;transport=tls", "TLS"),
            ("sip:x@[::1", "]"),
            ("sip:x@[::z]", "IPv6"),
            ("sip:x@[::1]5060", "port"),
            ("sip:x@localhost:99999", "port"),
            ("sip:x@localhost:0", "port"),
            ("sip:x@localhost:", "port"),
            ("sip:x@1.2.3", "IPv4"),
            ("sip:x@999.1.1.1", "IPv4"),
            ("sip:x@0.0.0.0:5060", "nobody's"),
            ("sip:255.255.255.255", "nobody's"),
            ("sip:x@224.0.1.75", "nobody's"),
            ("sip:x@[::]", "nobody's"),
            ("sip:{x@192.0.2.7", "brackets"),
            ("sip:x@-bad..host", "host name"),
            ("sip:x@", "missing"),
            ("sip:", "missing"),
            ("sip:x y@host", "spaces"),
            (long.as_str(), "host name"),
        ] {
            assert!(mistake(bad).is_some_and(|said| said.en.contains(why)), "{bad}: {:?}", mistake(bad));
        }
    }
}
