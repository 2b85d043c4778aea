use rtp::header::Header;
use rtp::packet::Packet;
use webrtc_util::marshal::{Marshal, Unmarshal};

const FIXED_HEADER: usize = 12;
/// Longest packet read: what fits an Ethernet frame.
const LONGEST: usize = 1500;

/// An RTP packet without extensions (RFC 3550 5.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rtp {
    pub payload_type: u8,
    pub marker: bool,
    pub seq: u16,
    pub timestamp: u32,
    pub ssrc: u32,
    pub payload: Vec<u8>,
}

/// The packet as it goes on the wire.
pub(crate) fn build(packet: Rtp) -> Vec<u8> {
    let header = Header {
        version: 2,
        marker: packet.marker,
        payload_type: packet.payload_type,
        sequence_number: packet.seq,
        timestamp: packet.timestamp,
        ssrc: packet.ssrc,
        ..Header::default()
    };
    let packet = Packet { header, payload: packet.payload.into() };
    packet.marshal().expect("the buffer has the packet's own size").to_vec()
}

/// Reads a packet; `None` for what is no plain RTP. The `rtp` crate sees only what passed [`is_sound`], as it panics on some lengths.
pub(crate) fn read(bytes: &[u8]) -> Option<Rtp> {
    if !is_sound(bytes) {
        return None;
    }
    let mut rest = bytes;
    let Packet { header, payload } = Packet::unmarshal(&mut rest).ok()?;
    Some(Rtp {
        payload_type: header.payload_type,
        marker: header.marker,
        seq: header.sequence_number,
        timestamp: header.timestamp,
        ssrc: header.ssrc,
        payload: payload.to_vec(),
    })
}

fn is_sound(bytes: &[u8]) -> bool {
    if bytes.len() < FIXED_HEADER || bytes.len() > LONGEST {
        return false;
    }
    let (version, padded, extended, sources) = (bytes[0] >> 6, bytes[0] & 0x20 != 0, bytes[0] & 0x10 != 0, bytes[0] & 0x0f);
    let header = FIXED_HEADER + 4 * usize::from(sources);
    let Some(payload) = bytes.len().checked_sub(header) else { return false };
    let padding = bytes.last().copied().map_or(0, usize::from);
    version == 2 && !extended && (!padded || (1..=payload).contains(&padding))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_extension_that_lies_about_its_length_never_reaches_the_crate() {
        let mut crafted = vec![0x90, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0xbe, 0xde, 0, 1, 0x1f, 0, 0, 0];
        assert_eq!(read(&crafted), None);
        crafted[0] = 0xb0;
        assert_eq!(read(&crafted), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = read(&bytes);
        }

        #[test]
        fn what_is_built_is_read_back(
            (payload_type, marker) in (0u8..128, any::<bool>()), seq: u16, timestamp: u32, ssrc: u32,
            payload in prop::collection::vec(any::<u8>(), 0..400)
        ) {
            let packet = Rtp { payload_type, marker, seq, timestamp, ssrc, payload };
            prop_assert_eq!(read(&build(packet.clone())), Some(packet));
        }
    }
}
