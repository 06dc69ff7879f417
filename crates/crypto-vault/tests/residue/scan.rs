//! Looks through the writable memory of this process for bytes that stand nowhere in it by themselves: a needle is a
//! function of the position, so that looking leaves no needle behind.

use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom};

use zeroize::Zeroize as _;

/// Bytes to look for.
pub(crate) struct Needle {
    pub(crate) name: &'static str,
    pub(crate) len: usize,
    pub(crate) at: fn(usize) -> u8,
}

/// Bytes read at once.
const CHUNK: usize = 1 << 20;

/// How often each needle stands in memory, in the order given.
pub(crate) fn count(needles: &[Needle]) -> Vec<usize> {
    let longest = needles.iter().map(|needle| needle.len).max().unwrap_or_default();
    let mut memory = File::open("/proc/self/mem").unwrap();
    let mut found = vec![0; needles.len()];
    // Wiped after each use, and left out: it holds a copy of what is looked through.
    let mut buffer = vec![0; CHUNK + longest];
    let own = buffer.as_ptr() as u64..buffer.as_ptr() as u64 + buffer.len() as u64;
    let begins = begins(needles);
    for (start, end) in writable() {
        let mut from = start;
        while from < end {
            let len = usize::try_from(end - from).unwrap_or(usize::MAX).min(buffer.len());
            memory.seek(SeekFrom::Start(from)).unwrap();
            let part = &mut buffer[..len];
            if memory.read_exact(part).is_err() {
                // The kernel's own pages; or memory given back since the map was read.
                break;
            }
            for (at, which) in occurrences(part, needles, &begins) {
                let is_copy = own.contains(&(from + at as u64));
                found[which] += usize::from(!is_copy);
            }
            part.zeroize();
            from += CHUNK as u64;
        }
    }
    found
}

/// Which needles begin with each byte.
fn begins(needles: &[Needle]) -> Vec<Vec<usize>> {
    let with = |byte: u8| (0..needles.len()).filter(|which| (needles[*which].at)(0) == byte).collect();
    (0..=u8::MAX).map(with).collect()
}

/// Which needle begins where, in the first part of what was read: what begins later is read again.
fn occurrences<'p>(
    part: &'p [u8],
    needles: &'p [Needle],
    begins: &'p [Vec<usize>],
) -> impl Iterator<Item = (usize, usize)> + 'p {
    let is_here = |at: usize, needle: &Needle| {
        part.get(at..at + needle.len)
            .is_some_and(|window| (1..needle.len).all(|next| window[next] == (needle.at)(next)))
    };
    part.iter().take(CHUNK).enumerate().flat_map(move |(at, byte)| {
        let which = begins[usize::from(*byte)].iter().copied();
        which.filter(move |which| is_here(at, &needles[*which])).map(move |which| (at, which))
    })
}

fn writable() -> Vec<(u64, u64)> {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let is_ours = |line: &&str| {
        let rights = line.split_whitespace().nth(1).unwrap();
        rights.starts_with("rw") && !line.ends_with("[vvar]")
    };
    let span = |line: &str| {
        let (start, end) = line.split_whitespace().next().unwrap().split_once('-').unwrap();
        (u64::from_str_radix(start, 16).unwrap(), u64::from_str_radix(end, 16).unwrap())
    };
    maps.lines().filter(is_ours).map(span).collect()
}
