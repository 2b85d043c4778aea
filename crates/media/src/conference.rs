//! Several people in one conversation: each hears the sum of the others.

use crate::control::MAX_CONFERENCE;
use crate::g711;
use crate::prompt::FRAME;
use crate::rtp::Header;
use crate::voice::Voice;
use hotline_model::Timestamp;
use hotline_model::history::Codec;

/// Those who talk, all on one millisecond of the grid.
#[derive(Debug)]
pub(crate) struct Conference {
    parties: Vec<Party>,
    /// The time of the frame that sounds.
    at: Option<Timestamp>,
    sum: [i32; FRAME],
}

#[derive(Debug)]
struct Party {
    lease: u32,
    voice: Voice,
    own: [i16; FRAME],
}

impl Conference {
    /// A conference of those on these ports, at most [`MAX_CONFERENCE`].
    pub fn new(leases: &[u32]) -> Self {
        let party = |&lease| Party { lease, voice: Voice::new(), own: [0; FRAME] };
        Self { parties: leases.iter().take(MAX_CONFERENCE).map(party).collect(), at: None, sum: [0; FRAME] }
    }

    /// Takes a party out; the two who are left, if it is two.
    pub fn leave(&mut self, lease: u32) -> Option<(u32, u32)> {
        self.parties.retain(|party| party.lease != lease);
        match self.parties[..] {
            [Party { lease: a, .. }, Party { lease: b, .. }] => Some((a, b)),
            _ => None,
        }
    }

    /// Takes the sound of a packet; `false` if it comes after its time.
    pub fn packet(&mut self, lease: u32, header: &Header, codec: Codec, sound: &[u8]) -> bool {
        let party = self.parties.iter_mut().find(|party| party.lease == lease);
        party.is_some_and(|party| party.voice.packet(header, codec, sound))
    }

    /// Mixes the frame that is due at a time, once.
    pub fn mix(&mut self, at: Timestamp) {
        if self.at.replace(at) == Some(at) {
            return;
        }
        self.sum = [0; FRAME];
        for party in &mut self.parties {
            party.voice.frame(&mut party.own);
            self.sum.iter_mut().zip(party.own).for_each(|(sum, own)| *sum += i32::from(own));
        }
    }

    /// What a party hears of the frame mixed last.
    pub fn frame(&self, lease: u32, codec: Codec, out: &mut [u8; FRAME]) {
        let Some(party) = self.parties.iter().find(|party| party.lease == lease) else {
            out.fill(g711::silence(codec));
            return;
        };
        for (out, (sum, own)) in out.iter_mut().zip(self.sum.iter().zip(party.own)) {
            *out = g711::encode(codec, saturated(sum - i32::from(own)));
        }
    }
}

fn saturated(sum: i32) -> i16 {
    sum.clamp(i16::MIN.into(), i16::MAX.into()) as i16
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn header(seq: u16) -> Header {
        Header { marker: false, payload_type: 8, seq, timestamp: u32::from(seq) * 160, ssrc: 1, start: 12, end: 172 }
    }

    fn heard(conference: &Conference, lease: u32, codec: Codec) -> [u8; FRAME] {
        let mut out = [0; FRAME];
        conference.frame(lease, codec, &mut out);
        out
    }

    fn mixed(voices: &[(Codec, [u8; FRAME])]) -> Conference {
        let leases: Vec<u32> = (0..voices.len() as u32).collect();
        let mut conference = Conference::new(&leases);
        for (&lease, (codec, sound)) in leases.iter().zip(voices) {
            assert!(conference.packet(lease, &header(1), *codec, sound));
        }
        (0..2).for_each(|n| conference.mix(Timestamp(n * 20_000)));
        conference
    }

    #[test]
    fn two_who_shout_are_clipped_and_do_not_wrap_around() {
        let loud = [g711::encode(Codec::Pcma, i16::MAX); FRAME];
        let conference = mixed(&[(Codec::Pcma, loud), (Codec::Pcma, loud), (Codec::Pcma, [g711::silence(Codec::Pcma); FRAME])]);
        assert_eq!(heard(&conference, 2, Codec::Pcma), loud);
    }

    #[test]
    fn a_frame_is_mixed_once_however_many_ask() {
        let mut conference = mixed(&[(Codec::Pcma, [0x2a; FRAME]), (Codec::Pcma, [0x2a; FRAME])]);
        let before = heard(&conference, 0, Codec::Pcma);
        conference.mix(Timestamp(20_000));
        assert_eq!(heard(&conference, 0, Codec::Pcma), before);
        conference.mix(Timestamp(40_000));
        assert_eq!(heard(&conference, 0, Codec::Pcma), [g711::silence(Codec::Pcma); FRAME], "nothing more has come");
    }

    fn voices() -> impl Strategy<Value = Vec<(Codec, [u8; FRAME])>> {
        let sound = proptest::collection::vec(any::<u8>(), FRAME).prop_map(|bytes| bytes.try_into().unwrap());
        proptest::collection::vec((prop_oneof![Just(Codec::Pcmu), Just(Codec::Pcma)], sound), 2..=MAX_CONFERENCE)
    }

    proptest! {
        #[test]
        fn each_hears_the_sum_of_the_others_in_its_own_law_and_never_itself(voices in voices()) {
            let conference = mixed(&voices);
            for (lease, &(codec, _)) in voices.iter().enumerate() {
                let heard = heard(&conference, lease as u32, codec);
                let others = voices.iter().enumerate().filter(|&(other, _)| other != lease);
                let others: Vec<_> = others.map(|(_, voice)| voice).collect();
                for place in 0..FRAME {
                    let sum: i32 = others.iter().map(|(law, sound)| i32::from(g711::decode(*law, sound[place]))).sum();
                    prop_assert_eq!(heard[place], g711::encode(codec, sum.clamp(-32768, 32767) as i16));
                }
            }
        }

        #[test]
        fn one_who_speaks_alone_comes_through_bit_for_bit(sound in proptest::collection::vec(any::<u8>(), FRAME)) {
            let silence = [g711::silence(Codec::Pcmu); FRAME];
            let sound: [u8; FRAME] = sound.try_into().unwrap();
            let sound = sound.map(|byte| if byte == 0x7f { 0xff } else { byte });
            let conference = mixed(&[(Codec::Pcmu, sound), (Codec::Pcmu, silence), (Codec::Pcmu, silence)]);
            prop_assert_eq!(heard(&conference, 1, Codec::Pcmu), sound);
            prop_assert_eq!(heard(&conference, 0, Codec::Pcmu), silence);
        }
    }
}
