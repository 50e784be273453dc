//! Object keys that have broken clients and servers.

use std::collections::BTreeSet;

/// `count` different keys: every known trouble-maker, then random ones; always the same for the same seed.
pub(crate) fn odd_keys(seed: u64, count: usize) -> Vec<String> {
    let mut random = Random(seed);
    let mut keys: BTreeSet<String> = KNOWN.iter().map(|key| (*key).to_owned()).collect();
    keys.extend(["k".repeat(1024), "long/".repeat(200) + "k"]);
    while keys.len() < count {
        let pieces = 1 + random.below(12);
        keys.insert((0..pieces).map(|_| PIECES[random.below(PIECES.len())]).collect());
    }
    // Every server here refuses longer keys, as S3 does.
    assert!(keys.iter().all(|key| key.len() <= 1024));
    keys.into_iter().collect()
}

/// SplitMix64: the sequence is the same everywhere.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }
}

const KNOWN: &[&str] = &[
    " ",
    " lead",
    "trail ",
    "a b",
    "two  blanks",
    "+",
    "a+b",
    "%",
    "%20",
    "p%2Fq",
    "100%",
    "%zz",
    "a//b",
    "//",
    "///a",
    "/lead",
    "tail/",
    "./x",
    "../x",
    "a/./b",
    "a/../b",
    "a/..",
    "a/.",
    ".",
    "..",
    "...",
    ".hidden",
    "?",
    "a?x=1&y=2",
    "#",
    "a#b",
    "&",
    "a=b",
    "a:b@c,d;e=f$g",
    "~-_.!*'()",
    "[x]{y}|z",
    "\\",
    "a\\b",
    "\\b^`",
    "\"quoted\"",
    "'",
    "<a>&amp;",
    "]]>",
    "\t",
    "a\tb",
    "\u{1}",
    "a\u{1b}b",
    "\u{7f}",
    "line\nbreak",
    "line\r\nbreak",
    "\u{85}",
    "ü/日本",
    "ü",
    "u\u{308}",
    "😀",
    "👩‍👩‍👧",
    "\u{200b}",
    "\u{202e}abc",
    "\u{feff}bom",
    "\u{fffd}",
    "İ",
    "ß",
    "ﬀ",
    "CON",
    "-rf",
    "--",
    "$HOME",
    "${x}",
    "`id`",
    "a|b",
    "*",
    "a*b",
    "null",
    "0",
    "key with spaces/and+plus/and%25",
    "?versions",
    "a?uploads",
    "x-amz-meta-a",
];

const PIECES: &[&str] = &[
    "a", "b", "Z", "0", "9", "/", "/", "//", ".", "..", "./", "/..", "+", "%", "%2B", "%2F", " ", "  ", "&", "=", "?",
    "#", ":", ";", "@", ",", "$", "~", "!", "*", "'", "(", ")", "[", "]", "{", "}", "|", "\\", "^", "`", "\"", "<",
    ">", "\t", "\n", "\r", "\u{1}", "\u{b}", "\u{1f}", "\u{7f}", "é", "e\u{301}", "日", "Ω", "😀", "\u{a0}",
    "\u{2028}", "word", "-", "_",
];
