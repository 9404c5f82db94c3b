//! The part of DER that certificates and PKCS #12 files need, read without recursion.
//!
//! Every length is checked against the bytes present, so hostile input yields `None`, never a panic.

pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const NULL: u8 = 0x05;
pub(crate) const OID: u8 = 0x06;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;
/// Context tag `[0]`, constructed.
pub(crate) const CONTEXT_0: u8 = 0xa0;

/// One element: its tag, its content and the whole encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) content: &'a [u8],
    pub(crate) encoded: &'a [u8],
}

impl<'a> Element<'a> {
    /// The content when the tag is `tag`.
    pub(crate) fn expect(self, tag: u8) -> Option<&'a [u8]> {
        (self.tag == tag).then_some(self.content)
    }

    /// The elements inside a constructed element.
    pub(crate) fn children(self) -> Reader<'a> {
        Reader(self.content)
    }
}

/// Reads elements one after the other; ends at the first one that is not well-formed.
#[derive(Debug, Clone)]
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    /// The content of the next element when its tag is `tag`.
    pub(crate) fn read(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next()?.expect(tag)
    }
}

impl<'a> Iterator for Reader<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        let (element, rest) = split_element(self.0)?;
        self.0 = rest;
        Some(element)
    }
}

/// Splits `bytes` after its first element. Indefinite lengths and tags of several bytes are refused.
pub(crate) fn split_element(bytes: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (&tag, after_tag) = bytes.split_first()?;
    if tag & 0x1f == 0x1f {
        return None;
    }
    let (&first, after_first) = after_tag.split_first()?;
    let (length, content_on) = if first < 0x80 {
        (usize::from(first), after_first)
    } else {
        let width = usize::from(first & 0x7f);
        if width == 0 || width > 4 || after_first.len() < width {
            return None;
        }
        let (digits, rest) = after_first.split_at(width);
        let length = digits.iter().fold(0_usize, |sum, digit| (sum << 8) | usize::from(*digit));
        (length, rest)
    };
    if content_on.len() < length {
        return None;
    }
    let (content, rest) = content_on.split_at(length);
    let encoded = bytes.get(..bytes.len() - rest.len())?;
    Some((Element { tag, content, encoded }, rest))
}

/// Encodes one element around `content`.
pub(crate) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 6);
    out.push(tag);
    let length = content.len();
    if let Ok(short @ 0..0x80) = u8::try_from(length) {
        out.push(short);
    } else {
        let digits = length.to_be_bytes();
        let skip = digits.iter().take_while(|digit| **digit == 0).count();
        let digits = digits.get(skip..).unwrap_or_default();
        // At most eight digits, so the cast cannot lose anything.
        out.push(0x80 | u8::try_from(digits.len()).unwrap_or(8));
        out.extend_from_slice(digits);
    }
    out.extend_from_slice(content);
    out
}

/// Encodes one element around several encoded parts.
pub(crate) fn nest(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    element(tag, &parts.concat())
}

/// Encodes a non-negative INTEGER.
pub(crate) fn integer(value: u32) -> Vec<u8> {
    let digits = value.to_be_bytes();
    let skip = digits.iter().take(3).take_while(|digit| **digit == 0).count();
    let mut content = digits.get(skip..).unwrap_or_default().to_vec();
    if content.first().is_some_and(|digit| digit & 0x80 != 0) {
        content.insert(0, 0);
    }
    element(INTEGER, &content)
}

/// Reads the content of an INTEGER that fits 32 bits and is not negative.
pub(crate) fn small_integer(content: &[u8]) -> Option<u32> {
    let digits = match content {
        [0, rest @ ..] => rest,
        [first, ..] if *first < 0x80 => content,
        _ => return None,
    };
    (digits.len() <= 4).then(|| digits.iter().fold(0_u32, |sum, digit| (sum << 8) | u32::from(*digit)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn integers_survive_a_round_trip() {
        for value in [0, 1, 127, 128, 255, 256, 2048, 65_535, u32::MAX] {
            let encoded = integer(value);
            let (read, rest) = split_element(&encoded).unwrap();
            assert_eq!(small_integer(read.content), Some(value));
            assert!(rest.is_empty());
        }
    }

    #[test]
    fn lengths_beyond_the_input_are_refused() {
        assert_eq!(split_element(&[SEQUENCE, 0x84, 0xff, 0xff, 0xff, 0xff, 0]), None);
        assert_eq!(split_element(&[SEQUENCE, 0x80, 0, 0]), None);
        assert_eq!(split_element(&[SEQUENCE, 2, 0]), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(content in proptest::collection::vec(any::<u8>(), 0..70_000)) {
            let encoded = element(OCTET_STRING, &content);
            let (read, rest) = split_element(&encoded).unwrap();
            prop_assert_eq!(read.content, &content[..]);
            prop_assert_eq!(read.encoded, &encoded[..]);
            prop_assert!(rest.is_empty());
        }

        #[test]
        fn hostile_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..256)) {
            let _ = Reader(&bytes).take(1000).count();
        }
    }
}
