//! `records attach` and `records attachment get`: files in and out, however long.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::ops::Range;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::{Args, Subcommand};
use clinic_runtime::OpenFile;
use privacy_operations::{FileToAttach, RevealedHealth, Setting, UseAttachment};
use records_model::{
    AnchorEvent, Category, FileLabel, FileName, Ground, MediaType, Purpose, RecordId, SubjectId,
};
use serde_json::json;

use crate::acting::{Form, Unnamed, Work};
use crate::values::When;
use crate::{CliError, Verdict, render, values};

/// Which file, and to whose records.
#[derive(Debug, Args)]
pub(crate) struct Attach {
    /// To whose.
    subject: SubjectId,
    /// The file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Its category, such as laboratory or clinical-images.
    #[arg(long)]
    category: Category,
    /// What for, such as treatment.
    #[arg(long)]
    purpose: Purpose,
    /// On what ground, such as consent.
    #[arg(long)]
    ground: Ground,
    /// How its bytes are to be read, such as image/png; without, as the end of its name says.
    #[arg(long, value_name = "TYPE", value_parser = media_type)]
    media_type: Option<MediaType>,
    /// What it reveals although its category does not say so: health or genetic.
    #[arg(long, value_name = "WORD", value_parser = reveals)]
    reveals: Option<RevealedHealth>,
    /// The day of the medical act that it belongs to, from which it is kept; without, now.
    #[arg(long, value_name = "DAY")]
    date: Option<When>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Attachment {
    /// Write the file of a record to a new file, as far as the policy lets this reader have it.
    Get(Get),
}

/// Which file, what for, and where to.
#[derive(Debug, Args)]
pub(crate) struct Get {
    /// Whose.
    subject: SubjectId,
    /// The record that it is attached to, as `records show --json` names it.
    record: RecordId,
    /// What for, such as treatment.
    #[arg(long)]
    purpose: Purpose,
    /// On what ground, such as consent.
    #[arg(long)]
    ground: Ground,
    /// The new file, which nobody else may read; one that is there already is left alone.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// Only these bytes, counted from 0, such as 0-1023: nothing else of the file is opened.
    #[arg(long, value_name = "FROM-THROUGH")]
    bytes: Option<Bytes>,
    /// Care takes place at a distance.
    #[arg(long)]
    remote: bool,
}

/// A part of a file.
#[derive(Debug, Clone)]
struct Bytes(Range<u64>);

impl FromStr for Bytes {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "two numbers with a hyphen between them, the first not greater, such as 0-1023";
        let (from, through) = text.split_once('-').ok_or(wrong)?;
        let (from, through): (u64, u64) =
            (from.parse().map_err(|_| wrong)?, through.parse().map_err(|_| wrong)?);
        let end = through.checked_add(1).filter(|end| from < *end).ok_or(wrong)?;
        Ok(Self(from..end))
    }
}

impl Attach {
    pub(crate) async fn answer(&self, work: &Work<'_>, out: &mut impl Write) -> Result<Verdict, CliError> {
        let path = &self.file;
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        let name = values::about_person("FILE", FileName::parse(name))?;
        let media_type = self.media_type.clone().unwrap_or_else(|| told_by(path));
        let house = work.house().await?;
        let now = work.runtime().store().instant(work.clock()).await?;
        let anchored = self.date.map_or(now, |when| when.start(house.zone));
        if anchored > now {
            return Err(CliError::usage("--date: this day has not come"));
        }
        let file = FileToAttach {
            actor: work.actor(Unnamed::Refused).await?,
            subject: self.subject,
            purpose: self.purpose,
            ground: self.ground,
            category: self.category,
            reveals: self.reveals.unwrap_or(RevealedHealth::Nothing),
            anchor: (AnchorEvent::LastMedicalAct, anchored),
            label: FileLabel { media_type, name },
        };
        let failed = |source| CliError::File { path: path.clone(), source };
        let mut reader = tokio::fs::File::open(path).await.map_err(failed)?;
        let sent = work.runtime().attach_file(file, &mut reader, work.clock()).await?;
        let Some(stored) = sent.stored else {
            return render::change(work, &sent.answer, ("", json!(null)), out);
        };
        let done = format!("{} bytes sealed; the record is {}", stored.content_bytes, stored.record);
        let value = json!({ "record": stored.record, "bytes": stored.content_bytes });
        render::change(work, &sent.answer, (&done, value), out)
    }
}

impl Get {
    pub(crate) async fn answer(&self, work: &Work<'_>, out: &mut impl Write) -> Result<Verdict, CliError> {
        let asked = UseAttachment {
            actor: work.actor(Unnamed::Refused).await?,
            subject: self.subject,
            record: self.record,
            purpose: self.purpose,
            ground: self.ground,
            setting: if self.remote { Setting::Remote } else { Setting::InPerson },
        };
        let failed = |source| CliError::File { path: self.to.clone(), source };
        // Before it is asked for: nobody is to stand in the log for a file that could not be kept.
        let mut into = private(&self.to).map_err(failed)?;
        let got = self.fetch(work, &asked, &mut into, out).await;
        if !matches!(got, Ok(Verdict::Done)) {
            fs::remove_file(&self.to).map_err(failed)?;
        }
        got
    }

    async fn fetch(
        &self,
        work: &Work<'_>,
        asked: &UseAttachment,
        into: &mut File,
        out: &mut impl Write,
    ) -> Result<Verdict, CliError> {
        let used = work.runtime().perform(asked, work.clock()).await?;
        let answer = used.answer.clone();
        let Some(file) = work.runtime().open_file(self.subject, used).await? else {
            let nothing = "the permit does not cover a file, or this record has none";
            render::change(work, &answer, (nothing, json!(null)), out)?;
            return Ok(Verdict::No);
        };
        let whole = file.content_bytes();
        let label = file.label().clone();
        let file = match &self.bytes {
            None => file,
            Some(Bytes(range)) => file.part(range.clone()),
        };
        let written = self.write(file, into).await?;
        let name = render::plain(label.name.as_str());
        let done = format!("{written} of {whole} bytes of `{name}` ({}) written", label.media_type);
        let value = json!({
            "file": label.name.as_str(),
            "media_type": label.media_type.as_str(),
            "bytes": whole,
            "written": written,
        });
        match work.form {
            Form::Json => render::json(out, &json!({ "answer": answer, "result": value }))?,
            Form::Text => writeln!(out, "{done}")?,
        }
        Ok(Verdict::Done)
    }

    async fn write(&self, mut file: OpenFile<'_>, into: &mut File) -> Result<u64, CliError> {
        let failed = |source| CliError::File { path: self.to.clone(), source };
        let mut written = 0;
        while let Some(part) = file.next_part().await? {
            into.write_all(&part).map_err(failed)?;
            written += u64::try_from(part.len()).unwrap_or(u64::MAX);
        }
        into.sync_all().map_err(failed)?;
        Ok(written)
    }
}

/// A new file of one's own.
fn private(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

fn media_type(text: &str) -> Result<MediaType, String> {
    MediaType::parse(text).map_err(|error| error.to_string())
}

fn reveals(text: &str) -> Result<RevealedHealth, &'static str> {
    match text {
        "health" => Ok(RevealedHealth::Health),
        "genetic" => Ok(RevealedHealth::Genetic),
        _ => Err("health or genetic"),
    }
}

/// What the end of a name says; of any other, that it is bytes.
fn told_by(path: &Path) -> MediaType {
    let ending = path.extension().and_then(OsStr::to_str).unwrap_or_default().to_ascii_lowercase();
    let told = match ending.as_str() {
        "pdf" => "application/pdf",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "tif" | "tiff" => "image/tiff",
        "dcm" => "application/dicom",
        "mp4" => "video/mp4",
        "txt" => "text/plain",
        "csv" => "text/csv",
        _ => "application/octet-stream",
    };
    MediaType::parse(told).unwrap_or_else(|_| unreachable!("written above"))
}
