//! One client's connection: how long the service waits for it.
//!
//! The head of every request must have come within a time from when it is due: for a connection's first request from
//! its beginning, for a later one from its first byte. (actix has such a limit for the first request only.) And a client
//! has to take its answer: a time without a byte taken ends the connection. A connection without a request stays open for a time,
//! and shorter if others wait for a seat. How long an answer may take is the handlers' matter. A request with a body is the last one of its
//! connection: nobody reads bodies here, and where one is taken for heads, answers come that nobody asked for.
//!
//! actix gets a connection when its first head has come, since it keeps 17 kB for each, and here one costs 3 kB. It gets a further head
//! when the one before is being answered: it writes an answer by the method, the version and the `Connection` of the head that it
//! has read last, whichever answer it is.

use std::{
    future::{Future, poll_fn},
    io::{self, IoSlice},
    pin::{Pin, pin},
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep},
};

use super::{
    head::{Advance, Heads},
    seats::{Seat, Seats},
    timers::{Due, Idle, Times},
};

/// What a client gets whose head has not come in time: what Node.js sends, and so Rocket.Chat.
const TOO_LATE: &[u8] = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

/// What actix sends before the answer to a request that expects it. It writes it alone, unless the answer is there already.
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// How long a client may take no byte of an answer.
const STALL: Duration = Duration::from_secs(10);

/// How much of a first head is waited for before the connection is passed on. Few heads are as large.
const MOST_KEPT: usize = 8192;

/// How much is received ahead while a request is being answered.
const MOST_AHEAD: usize = 4096;

/// A connection whose client has limited time. To actix it ends, as if the client had closed it, when the time is over.
pub struct Connection {
    stream: TcpStream,
    /// What was received and has not been passed on.
    kept: Vec<u8>,
    /// What was received behind a head that has not been answered.
    later: Vec<u8>,
    times: Times,
    heads: Heads,
    stage: Stage,
    stall: Option<Pin<Box<Sleep>>>,
    /// How long a client may take no byte of an answer.
    stall_timeout: Duration,
    seat: Option<Seat>,
    idle: Idle,
}

enum Stage {
    /// Nothing has come since the last answer.
    Idle,
    /// A head is due.
    Head(Due),
    /// A head has ended, and nothing has been answered.
    Answering,
    /// The head of a request with a body has ended. Its answer ends the connection (`http::guards::limits`), so no head is due any
    /// more.
    Last,
    /// That request is being answered. actix would wait for the end of its body for as long as there is none.
    LastAnswered,
    /// The client was told that it is late, or has given way to another.
    Closed,
}

impl Connection {
    /// A connection that has just been accepted.
    pub fn new(stream: TcpStream, times: Times) -> Self {
        let stage = Stage::Head(Due::after(times.head));
        Self {
            stream,
            kept: Vec::new(),
            later: Vec::new(),
            times,
            heads: Heads::default(),
            stage,
            stall: None,
            stall_timeout: STALL,
            seat: None,
            idle: Idle::new(),
        }
    }

    /// Waits for the first head. False if the client closes the connection before, or is late.
    ///
    /// # Errors
    /// The connection failed.
    pub async fn first_head(&mut self) -> io::Result<bool> {
        let mut scratch = [0; 512];
        while matches!(self.stage, Stage::Head(_)) && self.kept.len() < MOST_KEPT {
            let mut buffer = ReadBuf::new(&mut scratch);
            let rest = poll_fn(|cx| self.poll_receive(cx, &mut buffer)).await?;
            if buffer.filled().is_empty() {
                return Ok(false);
            }
            self.kept.extend_from_slice(buffer.filled());
            self.kept.extend(rest);
        }
        Ok(true)
    }

    /// Waits for a seat, which the connection keeps until it ends. False if the client leaves before, or is late with the rest of a
    /// large head.
    ///
    /// # Errors
    /// The connection failed.
    pub async fn take_seat(&mut self, seats: &Seats) -> io::Result<bool> {
        let mut seat = pin!(seats.take());
        self.seat = poll_fn(|cx| {
            if let Poll::Ready(seat) = seat.as_mut().poll(cx) {
                return Poll::Ready(Ok(seat));
            }
            let gone = match &mut self.stage {
                Stage::Answering => self.poll_ahead(cx)?,
                Stage::Head(due) => due.poll(cx).map(|()| tell_late(&self.stream)),
                _ => Poll::Pending,
            };
            gone.map(|()| Ok::<_, io::Error>(None))
        })
        .await?;
        Ok(self.seat.is_some())
    }

    /// Takes notice of what was received, up to the end of a head.
    fn received(&mut self, bytes: &[u8]) -> Advance {
        let advance = self.heads.advance(bytes);
        if advance.ended {
            self.stage = if self.heads.is_over() { Stage::Last } else { Stage::Answering };
        } else if matches!(self.stage, Stage::Idle) && self.heads.is_within() {
            self.stage = Stage::Head(Due::after(self.times.head));
        }
        advance
    }

    /// Takes notice of what is sent: an answer is on its way. The next head may have begun to come before it.
    fn sends(&mut self, bytes: &[u8]) {
        match self.stage {
            _ if bytes == CONTINUE => {}
            Stage::Answering => self.stage = Stage::Idle,
            Stage::Last => self.stage = Stage::LastAnswered,
            _ => {}
        }
    }

    /// Receives ahead while a request is being answered, to see whether the client is still there. Ready if it is not.
    fn poll_ahead(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut scratch = [0; 512];
        while self.later.len() < MOST_AHEAD {
            let mut buffer = ReadBuf::new(&mut scratch);
            ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer))?;
            if buffer.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            self.later.extend_from_slice(buffer.filled());
        }
        // The answer will wake it.
        Poll::Pending
    }

    /// Receives what came ahead, else what there is.
    fn poll_next(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.later.is_empty() {
            return Pin::new(&mut self.stream).poll_read(cx, buffer);
        }
        let length = self.later.len().min(buffer.remaining());
        buffer.put_slice(&self.later[..length]);
        self.later.drain(..length);
        Poll::Ready(Ok(()))
    }

    /// Whether the client has asked nothing for so long that its connection ends.
    fn poll_idle(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let has_to_go = || self.seat.as_ref().is_some_and(Seat::has_to_go);
        match self.stage {
            // It still takes an answer.
            _ if self.stall.is_some() => Poll::Pending,
            Stage::Idle => self.idle.poll_over(cx, self.times, has_to_go),
            Stage::LastAnswered => self.idle.poll_over(cx, self.times, || true),
            _ => Poll::Pending,
        }
    }

    /// The end, as if the client had closed the connection.
    fn end(&mut self) -> Poll<io::Result<Vec<u8>>> {
        self.stage = Stage::Closed;
        Poll::Ready(Ok(Vec::new()))
    }

    /// Receives what there is, within the time that the client has. Nothing received is the end. Gives what goes on behind
    /// it and has no room in the buffer.
    fn poll_receive(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<Vec<u8>>> {
        match self.stage {
            Stage::Closed => return Poll::Ready(Ok(Vec::new())),
            Stage::Answering => return self.poll_ahead(cx).map_ok(|()| Vec::new()),
            // actix still writes the answer before.
            Stage::Idle if self.stall.is_some() => return self.poll_ahead(cx).map_ok(|()| Vec::new()),
            // A body may come for ever.
            Stage::LastAnswered => {
                if self.poll_idle(cx).is_ready() {
                    return self.end();
                }
            }
            Stage::Idle | Stage::Head(_) | Stage::Last => {}
        }
        let before = buffer.filled().len();
        let read = self.poll_next(cx, buffer)?;
        if read.is_pending() && self.poll_idle(cx).is_ready() {
            return self.end();
        }
        let bytes = buffer.filled().get(before..).unwrap_or_default();
        if read.is_ready() && bytes.is_empty() {
            return Poll::Ready(Ok(Vec::new()));
        }
        let Advance { length, passed, .. } = self.received(bytes);
        // What is behind a head waits until that is being answered.
        self.later.splice(..0, bytes.iter().skip(length).copied());
        if self.later.is_empty() {
            self.later = Vec::new();
        }
        buffer.set_filled(before + length);
        // What came is looked at before the time, lest a service that was suspended blames its clients.
        if let Stage::Head(due) = &mut self.stage
            && due.poll(cx).is_ready()
        {
            buffer.set_filled(before);
            tell_late(&self.stream);
            return self.end();
        }
        ready!(read);
        let Some(mut passed) = passed else { return Poll::Ready(Ok(Vec::new())) };
        buffer.set_filled(before);
        if passed.is_empty() {
            // Nothing received would be the end. There may be more, which comes after everybody else's turn.
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let rest = passed.split_off(passed.len().min(buffer.remaining()));
        buffer.put_slice(&passed);
        Poll::Ready(Ok(rest))
    }

    /// Lets a client that takes nothing wait no longer than the stall timeout.
    fn watch(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.stall = None;
            // Only these two have actix read again: it does not after an answer of its own accord.
            self.idle.begin(cx, self.times);
            if matches!(self.stage, Stage::Idle) && !self.later.is_empty() {
                cx.waker().wake_by_ref();
            }
            return written;
        }
        let stall = self.stall.get_or_insert_with(|| Box::pin(sleep(self.stall_timeout)));
        match stall.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

/// Nothing else is being answered, so this cannot come in between. If the buffer of the connection has no room for it, the client
/// does not read anyway.
fn tell_late(stream: &TcpStream) {
    drop(stream.try_write(TOO_LATE));
}

impl AsyncRead for Connection {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.kept.is_empty() {
            this.kept = ready!(this.poll_receive(cx, buffer))?;
            return Poll::Ready(Ok(()));
        }
        let length = this.kept.len().min(buffer.remaining());
        buffer.put_slice(&this.kept[..length]);
        this.kept.drain(..length);
        if this.kept.is_empty() {
            this.kept = Vec::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.sends(bytes);
        let written = Pin::new(&mut this.stream).poll_write(cx, bytes);
        this.watch(cx, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.sends(slices.first().map_or(&[], |slice| slice));
        let written = Pin::new(&mut this.stream).poll_write_vectored(cx, slices);
        this.watch(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests;
