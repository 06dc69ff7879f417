//! `policy decide --requests`: many requests, one JSON object a line, one answer a line.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;

use consent_policy::{Engine, Question, Reply};

use crate::{CliError, Verdict};

/// Longest line that is read, in bytes; a request with a thousand consents is shorter.
const LINE_MAX_BYTES: u64 = 4 * 1024 * 1024;

/// U+FEFF in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Decides every line of a file, or of the standard input for `-`; stops at the first that cannot be read.
pub(super) fn answer(engine: &Engine, path: &Path, out: &mut impl Write) -> Result<Verdict, CliError> {
    let source: Box<dyn Read> = if path == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(path).map_err(|source| CliError::File { path: path.to_owned(), source })?)
    };
    let mut lines = Lines { source: BufReader::new(source), buffer: Vec::new(), number: 0 };
    let mut out = BufWriter::new(out);
    let answered = every_line(engine, &mut lines, &mut out);
    // What was answered before a bad line is an answer.
    out.flush()?;
    answered.map(|()| Verdict::Done).map_err(|trouble| match trouble {
        Trouble::Line(why) => CliError::Line { path: path.to_owned(), line: lines.number, why },
        Trouble::Read(source) => CliError::File { path: path.to_owned(), source },
        Trouble::Write(error) => error,
    })
}

/// What stopped a batch.
enum Trouble {
    /// A line that is no request.
    Line(String),
    /// The file cannot be read on.
    Read(io::Error),
    /// The answer cannot be written.
    Write(CliError),
}

fn every_line(engine: &Engine, lines: &mut Lines, out: &mut impl Write) -> Result<(), Trouble> {
    loop {
        // Whoever sends the next line only after this answer must not wait for it.
        if lines.source.buffer().is_empty() {
            out.flush().map_err(|error| Trouble::Write(error.into()))?;
        }
        let Some(line) = lines.next()? else { return Ok(()) };
        let question = Question::parse(line).map_err(|error| Trouble::Line(error.to_string()))?;
        let decision = question.decide(engine);
        write(&Reply::of(engine, question.request(), &decision), out).map_err(Trouble::Write)?;
    }
}

fn write(reply: &Reply<'_>, out: &mut impl Write) -> Result<(), CliError> {
    serde_json::to_writer(&mut *out, reply)?;
    Ok(writeln!(out)?)
}

/// The lines of a file, one in memory at a time.
struct Lines {
    source: BufReader<Box<dyn Read>>,
    buffer: Vec<u8>,
    number: usize,
}

impl Lines {
    fn next(&mut self) -> Result<Option<&str>, Trouble> {
        self.buffer.clear();
        let mut limited = (&mut self.source).take(LINE_MAX_BYTES + 1);
        let read = limited.read_until(b'\n', &mut self.buffer).map_err(Trouble::Read)?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        let line = self.buffer.strip_suffix(b"\n").unwrap_or(&self.buffer);
        // Some editors begin a file with a mark of its encoding, which belongs to no request.
        let line = if self.number == 1 { line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line) } else { line };
        if line.len() as u64 > LINE_MAX_BYTES {
            return Err(Trouble::Line(format!("longer than {LINE_MAX_BYTES} bytes")));
        }
        let text = str::from_utf8(line).map_err(|_| Trouble::Line("not UTF-8".to_owned()))?;
        if text.trim().is_empty() {
            // Skipping it would put every later answer beside another request.
            return Err(Trouble::Line("empty; every line is one request".to_owned()));
        }
        Ok(Some(text))
    }
}
