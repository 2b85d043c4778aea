//! Settings of manual.md Part J that stand in tables of their own.

use crate::CalendarId;
use hotline_model::{Category, Class, ComplaintLevel, CustomerLevel, CustomerType, Name, Nature, Need};
use std::net::IpAddr;
use std::time::Duration;

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// What a seat must master for a sensitive call, beside being cleared (`sensitive.skills`, R68).
    pub sensitive: Vec<Need>,
    /// From when and where people may work (R138).
    pub access: Access,
    /// The grades of connection (R3, R4).
    pub connect_rate: ConnectRate,
    /// The other indicators that are measured.
    pub indicators: Indicators,
    /// How long what is stored is kept.
    pub retention: Retention,
    /// Which of the manual's words are in use.
    pub classification: Classification,
}

/// From when and where people may work (R138): what is empty is not checked. No live call is ever cut.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// People sign in, and use the API, while this calendar is open.
    pub shifts: Option<CalendarId>,
    /// From these networks.
    pub networks: Vec<Network>,
    /// Seats sign in at these telephones.
    pub devices: Vec<Name>,
}

impl Access {
    /// Whether an address is in one of the networks, or none is asked for.
    pub fn takes_address(&self, address: IpAddr) -> bool {
        self.networks.is_empty() || self.networks.iter().any(|network| network.contains(address))
    }

    /// Whether a telephone is one of the devices, or none is asked for.
    pub fn takes_device(&self, name: &str) -> bool {
        self.devices.is_empty() || self.devices.iter().any(|device| **device == *name)
    }
}

/// Addresses that begin alike: `192.0.2.0/24`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// Reads `192.0.2.0/24`, `2001:db8::/32`, or a single address.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Some(most), |bits| bits.parse().ok())?;
        match address.to_canonical() {
            // IPv4 that is written as IPv6.
            IpAddr::V4(own) if address.is_ipv6() && (96..=most).contains(&bits) => Some(Self { address: own.into(), bits: bits - 96 }),
            IpAddr::V4(_) | IpAddr::V6(_) => (bits <= most).then_some(Self { address, bits }),
        }
    }

    /// Whether it is every address there is.
    pub(crate) fn is_everything(&self) -> bool {
        self.bits == 0
    }

    /// Whether all of another network is in this one, which is larger.
    pub(crate) fn is_around(&self, other: &Self) -> bool {
        self.bits < other.bits && self.address.is_ipv4() == other.address.is_ipv4() && self.contains(other.address)
    }

    /// Whether an address is in it; an IPv4 address that is written as IPv6 counts as what it is.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                (own.to_bits() ^ other.to_bits()).checked_shr(32 - u32::from(self.bits)).unwrap_or(0) == 0
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                (own.to_bits() ^ other.to_bits()).checked_shr(128 - u32::from(self.bits)).unwrap_or(0) == 0
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

/// The boundaries of the four grades of connection, as shares of 1 (R3, R4, H30).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConnectRate {
    /// Grade 1 from here on.
    pub excellent: f64,
    /// Grade 2, and what is to be kept.
    pub floor: f64,
    /// Grade 3; below it is grade 4.
    pub third: f64,
}

impl Default for ConnectRate {
    fn default() -> Self {
        Self { excellent: 0.98, floor: 0.95, third: 0.9 }
    }
}

impl ConnectRate {
    /// The grade of a rate, 1 to 4.
    pub fn grade(&self, rate: f64) -> u8 {
        let reached = [self.excellent, self.floor, self.third].into_iter().filter(|least| rate >= *least).count();
        4 - u8::try_from(reached).unwrap_or(3)
    }
}

/// Indicators beside the connect rate and, which is the survey's, CSAT.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Indicators {
    /// Complaints of the contacts served that are tolerated, as a share of 1 (R110).
    pub complaint_rate: f64,
    /// A matter was solved at once if its customer does not call about it again for so long (R115).
    pub fcr_window: Duration,
}

impl Default for Indicators {
    fn default() -> Self {
        Self { complaint_rate: 0.03, fcr_window: Duration::from_secs(7 * 86_400) }
    }
}

/// How long what is stored is kept, in years.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Calls and what happened in them: the service archive, 5 years at least (R130).
    pub cases: u8,
    /// Recordings, the messages of callers among them, 3 years at least (R129).
    pub recordings: u8,
}

impl Default for Retention {
    fn default() -> Self {
        Self { cases: 5, recordings: 3 }
    }
}

/// Which of the manual's words are in use (C1, C2, C6, C7, C10, C11).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Classification {
    /// Problem classes (R23).
    pub classes: Vec<Class>,
    /// Problem natures (R28).
    pub natures: Vec<Nature>,
    /// Complaint categories (R29).
    pub categories: Vec<Category>,
    /// Complaint levels (R30).
    pub levels: Vec<ComplaintLevel>,
    /// Customer types (R36).
    pub customer_types: Vec<CustomerType>,
    /// Customer levels (R36).
    pub customer_levels: Vec<CustomerLevel>,
}

impl Default for Classification {
    fn default() -> Self {
        Self {
            classes: Class::ALL.to_vec(),
            natures: Nature::ALL.to_vec(),
            categories: Category::ALL.to_vec(),
            levels: ComplaintLevel::ALL.to_vec(),
            customer_types: CustomerType::ALL.to_vec(),
            customer_levels: CustomerLevel::ALL.to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_has_the_addresses_that_begin_alike_r138() {
        let has = |network: &str, address: &str| Network::parse(network).unwrap().contains(address.parse().unwrap());
        assert!(has("192.0.2.0/24", "192.0.2.255") && has("192.0.2.7", "192.0.2.7") && has("0.0.0.0/0", "203.0.113.9"));
        assert!(has("192.0.2.0/24", "::ffff:192.0.2.9") && has("2001:db8::/32", "2001:db8:1::1") && has("::/0", "2001:db8::1"));
        assert!(!has("192.0.2.0/25", "192.0.2.128") && !has("192.0.2.7", "192.0.2.8") && !has("2001:db8::/32", "2001:db9::1"));
        assert!(!has("0.0.0.0/0", "2001:db8::1"));
        for wrong in ["", "192.0.2.0/33", "192.0.2/24", "2001:db8::/129", "192.0.2.0/-1", "a/8", "192.0.2.0/"] {
            assert_eq!(Network::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_four_grades_of_connection_begin_at_98_95_and_90_percent_r3_r4() {
        let rate = ConnectRate::default();
        let grades = [1.0, 0.98, 0.979, 0.95, 0.949, 0.9, 0.899, 0.0].map(|share| rate.grade(share));
        assert_eq!(grades, [1, 1, 2, 2, 3, 3, 4, 4]);
    }
}
