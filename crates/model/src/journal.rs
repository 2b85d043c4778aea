//! The journal's bytes: `length u32 | crc32 u32 | version u8 | postcard`, little endian.

use crate::history::{CallEvent, Decision, Registration, SeatEvent};
use crate::{Name, WallTime};
use serde::{Deserialize, Serialize};
use std::fmt;

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Entry {
    /// The engine started; ids from now on carry this epoch.
    Boot {
        /// Boot epoch.
        epoch: u32,
        /// When.
        at: WallTime,
    },
    /// Something happened in a call.
    Call(CallEvent),
    /// The router decided; `seat` and `queue` name what the ids stand for.
    Decision {
        /// The 64 bytes.
        decision: Decision,
        /// When, by the wall clock.
        at: WallTime,
        /// The queue's name.
        queue: Name,
        /// The winner's name.
        seat: Option<Name>,
    },
    /// A seat's state changed.
    Seat(SeatEvent),
    /// The bindings of an account changed: all it has from now on.
    Registrations {
        /// When.
        at: WallTime,
        /// The account.
        account: Name,
        /// Its bindings.
        bound: Vec<Registration>,
    },
    /// Somebody signed in at a telephone that isn't the seat's own, or left it (hot desking).
    HotDesk {
        /// When.
        at: WallTime,
        /// The account or seat whose telephone it is.
        phone: Name,
        /// The seat whose calls ring there from now on; `None`: nobody's but its own.
        seat: Option<Name>,
    },
    /// A wrong PIN was tried, or the right one.
    WrongPins(WrongPins),
    /// Somebody switched an announcement on or off (R151).
    Switched(Switch),
}

/// An announcement as somebody switched it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switch {
    /// When.
    pub at: WallTime,
    /// Its name in the rules.
    pub announcement: Name,
    /// Who: the user of the system.
    pub by: Name,
    /// On or off.
    pub on: bool,
    /// Until when it is on; `None`: until it is switched off.
    pub until: Option<WallTime>,
    /// Why.
    pub note: Option<String>,
}

/// Wrong PINs in a row of late, of a seat or from a telephone: what a restart must not forget, or it would give an attacker new tries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrongPins {
    /// Who tried, or was tried.
    pub suspect: Suspect,
    /// How many; 0: the right one has come.
    pub wrong: u32,
    /// When the last one came.
    pub last: WallTime,
    /// No PIN is looked at before then, if that is later than `last`.
    pub locked_until: WallTime,
}

/// Whose wrong PINs are counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Suspect {
    /// The seat that was to be signed in, wherever.
    Seat(Name),
    /// The telephone, whatever seat it was.
    Phone(Name),
}

const VERSION: u8 = 2;
const HEAD: usize = 9;
/// Longest body of an entry, in bytes; a longer length in a file is damage.
const LONGEST: usize = 1 << 20;

/// Whether an entry may begin here, told by a few bytes alone: for those who look for the next one behind damage. Then [`JournalReader`] decides.
pub fn may_begin_entry(bytes: &[u8]) -> bool {
    const KINDS: u8 = 7;
    bytes.len() > HEAD && bytes[HEAD - 1] == VERSION && bytes[HEAD] < KINDS
}

/// Appends an entry's bytes to `out`.
pub fn encode_entry(entry: &Entry, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(&[0; HEAD]);
    out[start + 8] = VERSION;
    let mut bytes = postcard::to_extend(entry, std::mem::take(out)).expect("a Vec takes any entry");
    let body = &bytes[start + 8..];
    let (length, crc) = (u32::try_from(body.len()).expect("an entry is small"), crc32fast::hash(body));
    bytes[start..start + 4].copy_from_slice(&length.to_le_bytes());
    bytes[start + 4..start + 8].copy_from_slice(&crc.to_le_bytes());
    *out = bytes;
}

/// Why reading stopped or skipped, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JournalError {
    /// The last entry is cut off at this offset: a crash in the middle of a write.
    TornTail(usize),
    /// The entry at this offset does not match its checksum; it was skipped.
    Damaged(usize),
    /// The length at this offset can't be right; nothing after it can be read.
    Lost(usize),
    /// The entry at this offset was written by another version; it was skipped.
    Version(usize, u8),
}

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TornTail(at) => write!(f, "the last entry is cut off at byte {at}"),
            Self::Damaged(at) => write!(f, "the entry at byte {at} is damaged and was skipped"),
            Self::Lost(at) => write!(f, "nothing after byte {at} can be read: its length is wrong"),
            Self::Version(at, version) => write!(f, "the entry at byte {at} has version {version}, this program knows {VERSION}"),
        }
    }
}

impl std::error::Error for JournalError {}

/// Reads entries out of a journal's bytes; damage is reported and skipped, never fatal.
#[derive(Debug)]
pub struct JournalReader<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> JournalReader<'a> {
    /// Starts at the first byte.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, offset: 0 }
    }

    /// The offset behind the last entry read: where a torn tail is to be cut, or where to go on reading.
    pub fn offset(&self) -> usize {
        self.offset
    }
}

impl Iterator for JournalReader<'_> {
    type Item = Result<Entry, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        let at = self.offset;
        let rest = self.bytes.get(at..).filter(|rest| !rest.is_empty())?;
        let Some(head) = rest.get(..8) else {
            self.bytes = &self.bytes[..at];
            return Some(Err(JournalError::TornTail(at)));
        };
        let word = |range: std::ops::Range<usize>| u32::from_le_bytes(head[range].try_into().expect("four bytes"));
        let (length, crc) = (word(0..4) as usize, word(4..8));
        if length == 0 || length > LONGEST {
            self.bytes = &self.bytes[..at];
            return Some(Err(JournalError::Lost(at)));
        }
        let Some(body) = rest.get(8..8 + length) else {
            self.bytes = &self.bytes[..at];
            return Some(Err(JournalError::TornTail(at)));
        };
        self.offset = at + 8 + length;
        if crc32fast::hash(body) != crc {
            return Some(Err(JournalError::Damaged(at)));
        }
        if body[0] != VERSION {
            return Some(Err(JournalError::Version(at, body[0])));
        }
        Some(postcard::from_bytes(&body[1..]).map_err(|_| JournalError::Damaged(at)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CallId;
    use crate::history::EventKind;
    use proptest::prelude::*;

    fn sample(count: u32) -> Entry {
        Entry::Call(CallEvent { call: CallId::new(1, 0, count), at: WallTime(5), kind: EventKind::PickedUp })
    }

    fn journal(entries: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        (0..entries).for_each(|count| encode_entry(&sample(count), &mut bytes));
        bytes
    }

    #[test]
    fn entries_are_read_back_as_written() {
        let bytes = journal(3);
        let read: Vec<_> = JournalReader::new(&bytes).collect::<Result<_, _>>().expect("whole");
        assert_eq!(read, (0..3).map(sample).collect::<Vec<_>>());
    }

    #[test]
    fn every_kind_of_entry_is_told_from_rubbish_by_its_first_bytes() {
        let suspect = Suspect::Phone("lobby".into());
        let last = Entry::WrongPins(WrongPins { suspect, wrong: 1, last: WallTime(1), locked_until: WallTime(1) });
        for entry in [Entry::Boot { epoch: 1, at: WallTime(1) }, sample(1), last] {
            let mut bytes = Vec::new();
            encode_entry(&entry, &mut bytes);
            assert!(may_begin_entry(&bytes), "{entry:?}");
        }
        assert!(!may_begin_entry(&[0; 64]) && !may_begin_entry(b""));
    }

    #[test]
    fn a_torn_tail_is_reported_at_its_start_and_what_came_before_is_kept() {
        let bytes = journal(3);
        let two = journal(2).len();
        for end in two + 1..bytes.len() {
            let mut reader = JournalReader::new(&bytes[..end]);
            let read: Vec<_> = reader.by_ref().collect();
            assert_eq!(read.len(), 3);
            assert_eq!(read[2], Err(JournalError::TornTail(two)), "cut at {end}");
            assert_eq!(reader.offset(), two);
        }
    }

    proptest! {
        #[test]
        fn any_flipped_byte_costs_no_other_entry_unless_it_hits_a_length(at in 0usize..60, bit in 0u8..8) {
            let mut bytes = journal(4);
            let at = at % bytes.len();
            bytes[at] ^= 1 << bit;
            let entry_length = journal(1).len();
            let read: Vec<_> = JournalReader::new(&bytes).collect();
            prop_assert!(read.iter().any(Result::is_err));
            if at % entry_length >= 4 {
                prop_assert_eq!(read.iter().filter(|entry| entry.is_ok()).count(), 3);
            }
        }

        #[test]
        fn any_bytes_at_all_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            JournalReader::new(&bytes).for_each(drop);
        }
    }
}
