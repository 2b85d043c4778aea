//! Reading and writing RTP headers in place (RFC 3550 5.1), on bytes that anybody may have sent.

/// Length of a header without CSRC list and extension.
pub const HEADER: usize = 12;
/// Longest datagram taken for RTP: 200 ms of G.711 (RFC 3551 4.2) with a generous header.
pub const MAX_PACKET: usize = 1700;

/// The facts of a valid RTP packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// First packet of a talkspurt or of an event.
    pub marker: bool,
    /// Payload type, 0-127.
    pub payload_type: u8,
    /// Sequence number.
    pub seq: u16,
    /// Timestamp in units of the payload's clock.
    pub timestamp: u32,
    /// The sender's SSRC.
    pub ssrc: u32,
    /// Where the payload begins.
    pub start: usize,
    /// Where it ends, padding excluded.
    pub end: usize,
}

/// Why a datagram is no RTP packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invalid {
    /// RTCP on the RTP port (RFC 5761 4).
    Rtcp,
    /// Shorter than a header, its CSRC list, its extension or its padding; or longer than [`MAX_PACKET`].
    Length,
    /// Not version 2: STUN, DTLS, or nothing known.
    Version,
}

/// Checks a datagram and reads its header. The payload's bounds lie within `bytes`, and at least [`HEADER`] bytes lie before it.
pub fn read(bytes: &[u8]) -> Result<Header, Invalid> {
    let (Some(fixed), true) = (bytes.first_chunk::<HEADER>(), bytes.len() <= MAX_PACKET) else {
        return Err(Invalid::Length);
    };
    let [flags, marked_type, s0, s1, t0, t1, t2, t3, i0, i1, i2, i3] = *fixed;
    if flags >> 6 != 2 {
        return Err(Invalid::Version);
    }
    if (192..=223).contains(&marked_type) {
        return Err(Invalid::Rtcp);
    }
    let mut start = HEADER + 4 * usize::from(flags & 0x0f);
    if flags & 0x10 != 0 {
        let Some(&[_, _, high, low]) = bytes.get(start..start + 4) else { return Err(Invalid::Length) };
        start += 4 + 4 * usize::from(u16::from_be_bytes([high, low]));
    }
    let padding = if flags & 0x20 != 0 { usize::from(*bytes.last().ok_or(Invalid::Length)?).max(1) } else { 0 };
    let end = bytes.len().checked_sub(padding).filter(|&end| end >= start).ok_or(Invalid::Length)?;
    Ok(Header {
        marker: marked_type & 0x80 != 0,
        payload_type: marked_type & 0x7f,
        seq: u16::from_be_bytes([s0, s1]),
        timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
        ssrc: u32::from_be_bytes([i0, i1, i2, i3]),
        start,
        end,
    })
}

/// What a header of ours says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// First packet of a talkspurt or of an event.
    pub marker: bool,
    /// Payload type, 0-127.
    pub payload_type: u8,
    /// Sequence number.
    pub seq: u16,
    /// Timestamp.
    pub timestamp: u32,
    /// Our SSRC.
    pub ssrc: u32,
}

/// A plain header: version 2, no padding, no extension, no CSRC.
pub fn write(header: &mut [u8; HEADER], mark: Mark) {
    let [s0, s1] = mark.seq.to_be_bytes();
    let [t0, t1, t2, t3] = mark.timestamp.to_be_bytes();
    let [i0, i1, i2, i3] = mark.ssrc.to_be_bytes();
    let marked_type = mark.payload_type & 0x7f | u8::from(mark.marker) << 7;
    *header = [0x80, marked_type, s0, s1, t0, t1, t2, t3, i0, i1, i2, i3];
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn packet(first: u8, rest: &[u8]) -> Vec<u8> {
        let mut bytes = vec![first, 0x80, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
        bytes.extend_from_slice(rest);
        bytes
    }

    #[test]
    fn a_written_header_reads_back() {
        let mut bytes = [0; HEADER];
        let mark = Mark { marker: true, payload_type: 101, seq: 0xfffe, timestamp: 0x8000_0001, ssrc: 7 };
        write(&mut bytes, mark);
        let header = Header { marker: true, payload_type: 101, seq: 0xfffe, timestamp: 0x8000_0001, ssrc: 7, start: 12, end: 12 };
        assert_eq!(read(&bytes), Ok(header));
    }

    #[test]
    fn csrc_extension_and_padding_are_taken_off_the_payload() {
        let csrc = packet(0x82, &[0; 10]);
        assert_eq!(read(&csrc).map(|header| (header.start, header.end)), Ok((20, 22)));
        let extension = packet(0x90, &[0xbe, 0xde, 0, 1, 1, 2, 3, 4, 9, 9]);
        assert_eq!(read(&extension).map(|header| (header.start, header.end)), Ok((20, 22)));
        let padding = packet(0xa0, &[9, 9, 0, 0, 3]);
        assert_eq!(read(&padding).map(|header| (header.start, header.end)), Ok((12, 14)));
    }

    #[test]
    fn rtcp_stun_and_damaged_packets_are_told_apart_from_rtp() {
        for packet_type in 200..=204 {
            assert_eq!(read(&[0x80, packet_type, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0]), Err(Invalid::Rtcp), "RFC 5761 4");
        }
        let stun = [0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(read(&stun), Err(Invalid::Version));
        assert_eq!(read(&[0x80; 11]), Err(Invalid::Length));
        assert_eq!(read(&packet(0x8f, &[0; 59])), Err(Invalid::Length), "15 CSRC need 60 bytes");
        assert_eq!(read(&packet(0x90, &[0, 0, 0])), Err(Invalid::Length), "an extension header needs 4 bytes");
        assert_eq!(read(&packet(0x90, &[0xbe, 0xde, 0xff, 0xff])), Err(Invalid::Length), "an extension longer than the packet");
        assert_eq!(read(&packet(0xa0, &[9])), Err(Invalid::Length), "padding longer than the payload");
        assert_eq!(read(&packet(0xa0, &[0])).map(|header| header.end), Ok(12), "padding of 0 counts its own byte");
        assert_eq!(read(&vec![0x80; MAX_PACKET + 1]), Err(Invalid::Length));
        let crash_of_others = [0x90, 0x64, 0, 0x58, 0x25, 0x43, 0x12, 0x78, 0x12, 0x34, 0x56, 0x78, 0xbe, 0xde, 1, 0, 0xd0, 5, 0x6c, 0xe0];
        assert_eq!(read(&crash_of_others), Err(Invalid::Length));
    }

    fn plausible() -> impl Strategy<Value = Vec<u8>> {
        (0x80u8..=0xbf, any::<u8>(), proptest::collection::vec(any::<u8>(), 0..60)).prop_map(|(first, second, rest)| {
            let mut bytes = vec![first, second];
            bytes.extend(rest);
            bytes
        })
    }

    proptest! {
        #[test]
        fn no_datagram_makes_reading_panic_and_bounds_hold(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(header) = read(&bytes) {
                prop_assert!(header.start >= HEADER && header.start <= header.end && header.end <= bytes.len());
            }
        }

        #[test]
        fn a_second_reader_agrees_wherever_both_accept(bytes in plausible()) {
            use rtc_rtp::header::Header as Theirs;
            use rtc_shared::marshal::Unmarshal;
            let mut rest = &bytes[..];
            if let (Ok(ours), Ok(theirs)) = (read(&bytes), Theirs::unmarshal(&mut rest)) {
                prop_assert_eq!(
                    (ours.marker, ours.payload_type, ours.seq, ours.timestamp, ours.ssrc),
                    (theirs.marker, theirs.payload_type, theirs.sequence_number, theirs.timestamp, theirs.ssrc)
                );
                prop_assert_eq!(ours.start, bytes.len() - rest.len());
            }
        }
    }
}
