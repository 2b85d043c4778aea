//! G.711 in both laws: the tables of ITU-T G.711, computed at compile time from its definition.

use hotline_model::history::Codec;

/// One law in the other.
pub type Translation = [u8; 256];

/// 16-bit linear value of each mu-law byte.
pub static PCMU_TO_LINEAR: [i16; 256] = linear_table(Codec::Pcmu);
/// 16-bit linear value of each A-law byte.
pub static PCMA_TO_LINEAR: [i16; 256] = linear_table(Codec::Pcma);
/// The A-law byte nearest to each mu-law byte.
pub static PCMU_TO_PCMA: Translation = translation(Codec::Pcmu, Codec::Pcma);
/// The mu-law byte nearest to each A-law byte.
pub static PCMA_TO_PCMU: Translation = translation(Codec::Pcma, Codec::Pcmu);

/// Encodes a 16-bit linear sample.
pub const fn encode(codec: Codec, sample: i16) -> u8 {
    match codec {
        Codec::Pcmu => encode_pcmu(sample),
        Codec::Pcma => encode_pcma(sample),
    }
}

/// Decodes one byte to a 16-bit linear sample.
pub const fn decode(codec: Codec, byte: u8) -> i16 {
    match codec {
        Codec::Pcmu => decode_pcmu(byte),
        Codec::Pcma => decode_pcma(byte),
    }
}

/// The byte of silence.
pub const fn silence(codec: Codec) -> u8 {
    encode(codec, 0)
}

/// The table from one law to the other; `None` if they are the same.
pub fn between(from: Codec, to: Codec) -> Option<&'static Translation> {
    match (from, to) {
        (Codec::Pcmu, Codec::Pcma) => Some(&PCMU_TO_PCMA),
        (Codec::Pcma, Codec::Pcmu) => Some(&PCMA_TO_PCMU),
        (Codec::Pcmu, Codec::Pcmu) | (Codec::Pcma, Codec::Pcma) => None,
    }
}

/// Translates samples in place.
pub fn translate(table: &Translation, samples: &mut [u8]) {
    for sample in samples {
        *sample = table[usize::from(*sample)];
    }
}

const BIAS: i32 = 33 << 2;
const PCMU_CLIP: i32 = 8158 << 2;

/// G.711 table 2: 14-bit magnitude plus 33, 8 segments of 16 steps, all bits inverted.
const fn encode_pcmu(sample: i16) -> u8 {
    let sign = if sample < 0 { 0x80 } else { 0 };
    let magnitude = (sample as i32).abs();
    let biased = if magnitude > PCMU_CLIP { PCMU_CLIP } else { magnitude } + BIAS;
    let segment = 31 - biased.leading_zeros() - 7;
    let step = biased >> (segment + 3) & 0x0f;
    !(sign | (segment as u8) << 4 | step as u8)
}

const fn decode_pcmu(byte: u8) -> i16 {
    let bits = !byte;
    let segment = bits >> 4 & 7;
    let magnitude = (((bits as i32 & 0x0f) << 3) + BIAS) << segment;
    (if bits & 0x80 != 0 { BIAS - magnitude } else { magnitude - BIAS }) as i16
}

/// G.711 table 1: 12-bit magnitude, segments 0 and 1 of equal step, even bits inverted.
const fn encode_pcma(sample: i16) -> u8 {
    let sign = if sample >= 0 { 0x80 } else { 0 };
    let magnitude = if sample >= 0 { sample as i32 } else { !(sample as i32) } >> 4;
    let coded = if magnitude < 32 {
        magnitude
    } else {
        let segment = 31 - magnitude.leading_zeros() as i32 - 3;
        segment << 4 | magnitude >> (segment - 1) & 0x0f
    };
    (sign | coded as u8) ^ 0x55
}

const fn decode_pcma(byte: u8) -> i16 {
    let bits = byte ^ 0x55;
    let segment = (bits >> 4 & 7) as i32;
    let step = (bits & 0x0f) as i32;
    let magnitude = if segment == 0 { (step << 4) + 8 } else { ((step << 4) + 0x108) << (segment - 1) };
    (if bits & 0x80 != 0 { magnitude } else { -magnitude }) as i16
}

const fn linear_table(codec: Codec) -> [i16; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = decode(codec, byte as u8);
        byte += 1;
    }
    table
}

const fn translation(from: Codec, to: Codec) -> Translation {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = encode(to, decode(from, byte as u8));
        byte += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: [Codec; 2] = [Codec::Pcmu, Codec::Pcma];

    #[test]
    fn the_laws_have_the_values_of_the_itu_tables() {
        for (byte, linear) in [(0xff, 0), (0x7f, 0), (0x80, 32124), (0x00, -32124), (0xfe, 8), (0xef, 132), (0xf0, 120)] {
            assert_eq!(decode(Codec::Pcmu, byte), linear, "mu-law {byte:#x}");
        }
        for (byte, linear) in [(0xd5, 8), (0x55, -8), (0xaa, 32256), (0x2a, -32256), (0xd4, 24), (0xc5, 264)] {
            assert_eq!(decode(Codec::Pcma, byte), linear, "A-law {byte:#x}");
        }
        assert_eq!((silence(Codec::Pcmu), silence(Codec::Pcma)), (0xff, 0xd5));
        assert_eq!((encode(Codec::Pcmu, i16::MAX), encode(Codec::Pcmu, i16::MIN)), (0x80, 0x00));
        assert_eq!((encode(Codec::Pcma, i16::MAX), encode(Codec::Pcma, i16::MIN)), (0xaa, 0x2a));
    }

    #[test]
    fn every_byte_survives_decoding_and_encoding() {
        for codec in BOTH {
            for byte in 0..=255 {
                let back = encode(codec, decode(codec, byte));
                let negative_zero = codec == Codec::Pcmu && byte == 0x7f;
                assert_eq!(back, if negative_zero { 0xff } else { byte }, "{codec:?}");
            }
        }
    }

    #[test]
    fn encoding_is_monotone_and_within_half_a_step() {
        for codec in BOTH {
            let mut last = i16::MIN;
            for sample in i16::MIN..=i16::MAX {
                let heard = decode(codec, encode(codec, sample));
                assert!(heard >= last, "{codec:?} {sample}");
                last = heard;
                let error = (i32::from(heard) - i32::from(sample)).abs();
                assert!(error <= 16 + i32::from(sample).abs() / 31, "{codec:?} {sample} is heard as {heard}");
            }
        }
    }

    #[test]
    fn translating_there_and_back_changes_little_and_then_nothing_more() {
        for byte in 0..=255u8 {
            let there = PCMU_TO_PCMA[usize::from(byte)];
            let back = PCMA_TO_PCMU[usize::from(there)];
            let (heard, meant) = (i32::from(decode(Codec::Pcmu, back)), i32::from(decode(Codec::Pcmu, byte)));
            assert!((heard - meant).abs() <= 16 + meant.abs() / 15);
            assert_eq!(PCMA_TO_PCMU[usize::from(PCMU_TO_PCMA[usize::from(back)])], back);
        }
        assert!(between(Codec::Pcmu, Codec::Pcmu).is_none());
        let mut samples = [0xff, 0x80];
        translate(between(Codec::Pcmu, Codec::Pcma).unwrap(), &mut samples);
        assert_eq!(samples, [0xd5, 0xaa]);
    }

    #[test]
    fn the_tables_are_the_functions() {
        for byte in 0..=255u8 {
            assert_eq!(PCMU_TO_LINEAR[usize::from(byte)], decode(Codec::Pcmu, byte));
            assert_eq!(PCMA_TO_LINEAR[usize::from(byte)], decode(Codec::Pcma, byte));
        }
    }
}
