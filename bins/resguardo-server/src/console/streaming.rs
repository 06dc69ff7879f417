//! The export of the log as a body that is made while it is sent: memory stays flat, however long the log is.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use axum::body::{Body, Bytes};
use clinic_runtime::Runtime;
use futures_util::stream;

/// Bytes that are sent at a time.
const CHUNK_BYTES: usize = 64 * 1024;
/// Chunks that wait for a slow visitor; then reading the log waits too.
const CHUNKS_WAITING: usize = 4;

type Chunk = io::Result<Bytes>;

/// The whole log. If it cannot be read to its end, the body breaks off instead of looking whole.
pub(super) fn export_body(runtime: Arc<Runtime>) -> Body {
    let (into, chunks) = sync_channel(CHUNKS_WAITING);
    let handle = tokio::runtime::Handle::current();
    // A thread of its own: it waits for the visitor between two pages, with no connection and no lock in hand.
    tokio::task::spawn_blocking(move || handle.block_on(write_export(&runtime, &into)));
    Body::from_stream(stream::unfold(chunks, next_chunk))
}

async fn write_export(runtime: &Runtime, into: &SyncSender<Chunk>) {
    let mut chunk = Vec::with_capacity(CHUNK_BYTES);
    let written = runtime
        .export_log(|line| {
            chunk.extend_from_slice(line.as_bytes());
            chunk.push(b'\n');
            if chunk.len() < CHUNK_BYTES { Ok(()) } else { send(&mut chunk, into) }
        })
        .await;
    let sent = if let Err(error) = written {
        tracing::warn!(%error, "an export of the log was broken off");
        into.send(Err(io::Error::other("broken off"))).map_err(io::Error::other)
    } else {
        send(&mut chunk, into)
    };
    if sent.is_err() {
        tracing::info!("a visitor left before the export of the log was sent");
    }
}

fn send(chunk: &mut Vec<u8>, into: &SyncSender<Chunk>) -> io::Result<()> {
    let full = std::mem::replace(chunk, Vec::with_capacity(CHUNK_BYTES));
    into.send(Ok(Bytes::from(full))).map_err(|_| io::ErrorKind::BrokenPipe.into())
}

async fn next_chunk(chunks: Receiver<Chunk>) -> Option<(Chunk, Receiver<Chunk>)> {
    let waiting = tokio::task::spawn_blocking(move || {
        let chunk = chunks.recv().ok()?;
        Some((chunk, chunks))
    });
    waiting.await.ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn chunks_come_in_order_and_end_when_nobody_sends_any_more() {
        let (into, chunks) = sync_channel(CHUNKS_WAITING);
        let sending = std::thread::spawn(move || {
            for number in 0..20_u8 {
                send(&mut vec![number; 3], &into).unwrap();
            }
        });
        let body = Body::from_stream(stream::unfold(chunks, next_chunk));
        let bytes = axum::body::to_bytes(body, 1024).await.unwrap();
        assert_eq!(bytes, (0..20).flat_map(|number| [number; 3]).collect::<Vec<u8>>());
        sending.join().unwrap();
    }

    #[tokio::test]
    async fn whoever_leaves_ends_the_sending_and_a_failure_breaks_the_body_off() {
        let (into, chunks) = sync_channel(CHUNKS_WAITING);
        drop(chunks);
        assert_eq!(send(&mut vec![1], &into).unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        let (into, chunks) = sync_channel(CHUNKS_WAITING);
        send(&mut vec![1], &into).unwrap();
        into.send(Err(io::Error::other("broken off"))).unwrap();
        let body = Body::from_stream(stream::unfold(chunks, next_chunk));
        assert!(axum::body::to_bytes(body, 1024).await.is_err());
    }
}
