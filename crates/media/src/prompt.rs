//! Prompts: clips of speech, encoded in both laws before any call needs them.

use hotline_model::Name;
use hotline_model::history::Codec;

/// Bytes (and samples) of one 20 ms frame of G.711 (RFC 3551 4.5.14).
pub const FRAME: usize = 160;

/// A clip at 8 kHz, encoded in both laws, so that playing it is copying it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clip {
    /// Its name in the rules.
    pub name: Name,
    /// The samples in mu-law.
    pub pcmu: Vec<u8>,
    /// The same samples in A-law.
    pub pcma: Vec<u8>,
}

impl Clip {
    /// The samples in a law.
    pub fn samples(&self, codec: Codec) -> &[u8] {
        match codec {
            Codec::Pcmu => &self.pcmu,
            Codec::Pcma => &self.pcma,
        }
    }
}
