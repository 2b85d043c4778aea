use super::config::Trunk;
use hotline_model::{Name, Timestamp};
use std::net::IpAddr;

/// Who a source is, and whether its trunk may send one more INVITE now.
#[derive(Debug)]
pub(crate) struct Admission {
    trunks: Vec<Trunk>,
    /// One per trunk name, in the order of their first trunk.
    buckets: Vec<Bucket>,
}

#[derive(Debug)]
struct Bucket {
    name: Name,
    per_second: u32,
    /// In millionths of an INVITE.
    tokens: u64,
    filled: Timestamp,
}

const WHOLE: u64 = 1_000_000;

impl Admission {
    pub(crate) fn new(trunks: Vec<Trunk>) -> Self {
        let mut buckets: Vec<Bucket> = Vec::new();
        for trunk in &trunks {
            let known = buckets.iter().any(|bucket| bucket.name == trunk.name);
            if let Some(per_second) = trunk.per_second.filter(|_| !known) {
                let tokens = u64::from(per_second) * WHOLE;
                buckets.push(Bucket { name: trunk.name.clone(), per_second, tokens, filled: Timestamp(0) });
            }
        }
        Self { trunks, buckets }
    }

    /// The trunk of a source: the one with the longest prefix.
    pub(crate) fn trunk(&self, source: IpAddr) -> Option<&Name> {
        let source = source.to_canonical();
        let matching = self.trunks.iter().filter(|trunk| contains(trunk, source));
        matching.max_by_key(|trunk| trunk.prefix).map(|trunk| &trunk.name)
    }

    /// Takes one INVITE from the trunk's bucket, which holds one second's worth.
    pub(crate) fn admit(&mut self, now: Timestamp, trunk: &Name) -> bool {
        let Some(bucket) = self.buckets.iter_mut().find(|bucket| bucket.name == *trunk) else { return true };
        let most = u64::from(bucket.per_second) * WHOLE;
        let micros = u64::try_from(now.since(bucket.filled).as_micros()).unwrap_or(u64::MAX);
        bucket.tokens = micros.saturating_mul(u64::from(bucket.per_second)).saturating_add(bucket.tokens).min(most);
        bucket.filled = now;
        let enough = bucket.tokens >= WHOLE;
        bucket.tokens -= if enough { WHOLE } else { 0 };
        enough
    }
}

fn contains(trunk: &Trunk, source: IpAddr) -> bool {
    match (trunk.net.to_canonical(), source) {
        (IpAddr::V4(net), IpAddr::V4(source)) => same_prefix(net.to_bits().into(), source.to_bits().into(), 32, trunk.prefix),
        (IpAddr::V6(net), IpAddr::V6(source)) => same_prefix(net.to_bits(), source.to_bits(), 128, trunk.prefix),
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
    }
}

fn same_prefix(a: u128, b: u128, bits: u32, prefix: u8) -> bool {
    let rest = bits.saturating_sub(u32::from(prefix));
    (a ^ b).checked_shr(rest).unwrap_or(0) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn trunk(name: &str, net: &str, prefix: u8, per_second: Option<u32>) -> Trunk {
        Trunk { name: name.into(), net: net.parse().unwrap(), prefix, per_second }
    }

    #[test]
    fn a_source_belongs_to_the_trunk_with_the_longest_prefix() {
        let trunks =
            vec![trunk("wide", "198.51.0.0", 16, None), trunk("one", "198.51.100.7", 32, None), trunk("six", "2001:db8::", 32, None)];
        let admission = Admission::new(trunks);
        let of = |source: &str| admission.trunk(source.parse().unwrap()).map(|name| name.to_string());
        assert_eq!(of("198.51.3.3").as_deref(), Some("wide"));
        assert_eq!(of("198.51.100.7").as_deref(), Some("one"));
        assert_eq!(of("::ffff:198.51.100.7").as_deref(), Some("one"), "an IPv4 source on a dual-stack socket");
        assert_eq!(of("2001:db8:1::9").as_deref(), Some("six"));
        assert_eq!(of("203.0.113.1"), None);
        assert_eq!(Admission::new(vec![trunk("all", "0.0.0.0", 0, None)]).trunk("9.9.9.9".parse().unwrap()).map(|it| &**it), Some("all"));
    }

    #[test]
    fn a_bucket_holds_one_second_and_fills_evenly() {
        let mut admission = Admission::new(vec![trunk("a", "10.0.0.0", 8, Some(2)), trunk("a", "10.9.0.0", 16, None)]);
        let (name, start) = (Name::from("a"), Timestamp(0));
        let taken = |admission: &mut Admission, now| (0..10).filter(|_| admission.admit(now, &name)).count();
        assert_eq!(taken(&mut admission, start), 2);
        assert_eq!(taken(&mut admission, start + Duration::from_millis(499)), 0);
        assert_eq!(taken(&mut admission, start + Duration::from_millis(500)), 1);
        assert_eq!(taken(&mut admission, start + Duration::from_secs(60)), 2);
        assert!(admission.admit(start, &Name::from("other")));
    }
}
