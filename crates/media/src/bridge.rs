//! The relay between two legs: a validated packet becomes the other leg's packet in place.

use crate::g711::{self, Translation};
use crate::rtp::{self, HEADER, Header, Mark};
use std::ops::Range;

/// Rewrites a packet that [`rtp::read`] accepted: our header directly before its payload (CSRC list, extension and padding fall
/// away), the payload translated if the legs' laws differ. Gives the bytes to send.
pub fn rewrite(bytes: &mut [u8], header: &Header, mark: Mark, translation: Option<&Translation>) -> Range<usize> {
    let begin = header.start.saturating_sub(HEADER);
    if let Some(table) = translation
        && let Some(payload) = bytes.get_mut(header.start..header.end)
    {
        g711::translate(table, payload);
    }
    if let Some(place) = bytes.get_mut(begin..).and_then(|rest| rest.first_chunk_mut::<HEADER>()) {
        rtp::write(place, mark);
    }
    begin..header.end
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::rtp::header::Header as TheirHeader;
    use ::rtp::packet::Packet;
    use hotline_model::history::Codec;
    use proptest::prelude::*;
    use webrtc_util::marshal::{Marshal, Unmarshal};

    const MARK: Mark = Mark { marker: true, payload_type: 8, seq: 500, timestamp: 1600, ssrc: 42 };

    fn packet(payload: &[u8], csrc: Vec<u32>) -> Vec<u8> {
        let header = TheirHeader { version: 2, csrc, sequence_number: 9, payload_type: 0, ..TheirHeader::default() };
        Packet { header, payload: payload.to_vec().into() }.marshal().unwrap().to_vec()
    }

    #[test]
    fn a_plain_packet_is_rewritten_where_it_stands() {
        let mut bytes = packet(&[0xff, 0x80], vec![]);
        let header = rtp::read(&bytes).unwrap();
        assert_eq!(rewrite(&mut bytes, &header, MARK, None), 0..14);
        assert_eq!(bytes, [0x80, 0x88, 1, 244, 0, 0, 6, 64, 0, 0, 0, 42, 0xff, 0x80]);
    }

    #[test]
    fn differing_laws_are_translated_by_table() {
        let mut bytes = packet(&[0xff, 0x80], vec![]);
        let header = rtp::read(&bytes).unwrap();
        let range = rewrite(&mut bytes, &header, MARK, g711::between(Codec::Pcmu, Codec::Pcma));
        assert_eq!(bytes[range][12..], [0xd5, 0xaa]);
    }

    proptest! {
        #[test]
        fn what_goes_on_is_a_plain_packet_with_the_same_sound(
            payload in proptest::collection::vec(any::<u8>(), 0..300),
            csrc in proptest::collection::vec(any::<u32>(), 0..15),
        ) {
            let mut bytes = packet(&payload, csrc);
            let header = rtp::read(&bytes).unwrap();
            let range = rewrite(&mut bytes, &header, MARK, None);
            let sent = Packet::unmarshal(&mut &bytes[range]).unwrap();
            prop_assert_eq!(&sent.payload[..], &payload[..]);
            prop_assert!(sent.header.csrc.is_empty() && !sent.header.padding && !sent.header.extension);
            prop_assert_eq!((sent.header.sequence_number, sent.header.timestamp, sent.header.ssrc), (500, 1600, 42));
        }
    }
}
