//! The numbers as Prometheus reads them: in its own text format, and as `OpenMetrics` 1.0 for
//! whoever asks for that.
//!
//! The library encodes; the numbers are read at the moment of the request, so that a scrape is as
//! fresh as it can be and nothing runs between two of them.

use std::{
    fmt::{self, Error},
    sync::{Arc, atomic::Ordering},
};

use bytes::Bytes;
use http::HeaderMap;
use methodical_semantics::{
    header::{accept::Accept, content_type::MediaType},
    rule::negotiating::{Negotiated, choose},
};
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, text::encode},
    metrics::{MetricType, exemplar::Exemplar},
    registry::Registry,
};

use super::{plain, shard::Sums};
use crate::{clock, reloadable::Shared};

/// The numbers of a server, and the media type of their text.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    /// The text.
    pub(crate) content: Bytes,
    /// The media type that it has.
    pub(crate) media_type: &'static str,
}

/// The numbers of a server as they are now, in the format that a client asks for.
///
/// # Errors
/// None that is known of: text is written to memory.
pub(crate) fn text(shared: &Arc<Shared>, fields: &HeaderMap) -> Result<Text, Error> {
    let mut registry = Registry::with_prefix("methodical");
    registry.register_collector(Box::new(Now(Arc::clone(shared))));
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(if asks_for_open_metrics(fields) {
        Text { content: text.into(), media_type: OPEN_METRICS }
    } else {
        Text { content: plain::of(&text).into(), media_type: PLAIN }
    })
}

/// Returns whether a client names `OpenMetrics`, and likes it no less.
fn asks_for_open_metrics(fields: &HeaderMap) -> bool {
    let accept = Accept::from_headers(fields);
    let [Ok(open), Ok(plain)] = [OPEN_METRICS, PLAIN].map(MediaType::parse) else { return false };
    accept.names("application/openmetrics-text")
        && choose(&accept, &[open, plain]) == Negotiated::Acceptable(0)
}

/// A server as it is when it is asked.
#[derive(Debug)]
struct Now(Arc<Shared>);

/// The labels of a number: names and values.
type Labels = Vec<(&'static str, String)>;
/// The exemplar that no counter here has.
type NoExemplar = Option<&'static Exemplar<Labels, u64>>;

impl Collector for Now {
    /// Writes all families, in an order that does not change.
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let shared = &*self.0;
        let sums = shared.metrics.sums();
        let mut out = Out(&mut encoder);
        out.info("build", "The program", ("version", env!("CARGO_PKG_VERSION")))?;
        let started = shared.metrics.started.seconds();
        out.gauge("start_time_seconds", "When it began to serve, as Unix time", started)?;
        out.requests(&sums)?;
        out.durations(&sums)?;
        out.unfinished(&sums)?;
        let failed = sums.with_code(412);
        out.counter("preconditions_failed", "Requests whose precondition did not hold", failed)?;
        out.gauge("requests_in_flight", "Requests under way", sums.in_flight)?;
        out.counter("content_sent_bytes", "Bytes of content of answers", sums.sent)?;
        out.counter("content_received_bytes", "Bytes of content of requests", sums.received)?;
        let open = shared.connections.load(Ordering::Relaxed);
        out.gauge("connections", "Connections that are open", signed(open))?;
        out.counter("connections_accepted", "Connections that were let in", sums.accepted)?;
        out.counter("uploads", "Contents that were staged on their way in", sums.uploads)?;
        out.gauge("uploads_in_progress", "Contents that are being staged", sums.uploading)?;
        let tunnels = shared.tunnels.open();
        out.gauge("tunnels", "Tunnels that are open or being opened", signed(tunnels))?;
        if let Some(end) = shared.keeper.as_ref().and_then(|keeper| keeper.certificates.end()) {
            out.gauge("certificate_end_seconds", "When the first certificate ends", end)?;
        }
        out.gauge("locks", "Locks that are held", signed(locks(shared)))
    }
}

/// The locks that live.
fn locks(shared: &Shared) -> usize {
    let now = clock::now();
    shared.store.snapshot().locks().iter().filter(|lock| lock.is_live(now)).count()
}

/// A number as gauges have it.
fn signed(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// One family of numbers after the other.
struct Out<'o, 'e>(&'o mut DescriptorEncoder<'e>);

impl Out<'_, '_> {
    /// A number that only grows.
    fn counter(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        let mut family = self.0.encode_descriptor(name, help, None, MetricType::Counter)?;
        family.encode_counter(&value, None as NoExemplar)
    }

    /// A number that goes up and down.
    fn gauge(&mut self, name: &str, help: &str, value: i64) -> fmt::Result {
        let mut family = self.0.encode_descriptor(name, help, None, MetricType::Gauge)?;
        family.encode_gauge(&value)
    }

    /// A label that never changes while the server runs.
    fn info(&mut self, name: &str, help: &str, label: (&'static str, &str)) -> fmt::Result {
        let mut family = self.0.encode_descriptor(name, help, None, MetricType::Info)?;
        family.encode_info(&vec![(label.0, label.1.to_owned())])
    }

    /// Requests by method and code.
    fn requests(&mut self, sums: &Sums) -> fmt::Result {
        let help = "Requests by method and status code of the answer";
        let mut family = self.0.encode_descriptor("requests", help, None, MetricType::Counter)?;
        for (method, code, number) in sums.requests() {
            let labels: Labels = vec![("method", method.to_owned()), ("code", code)];
            family.encode_family(&labels)?.encode_counter(&number, None as NoExemplar)?;
        }
        Ok(())
    }

    /// Answers that were broken off, by how.
    fn unfinished(&mut self, sums: &Sums) -> fmt::Result {
        let help = "Requests of which the answer was not sent in whole, by how it ended";
        let mut family =
            self.0.encode_descriptor("requests_unfinished", help, None, MetricType::Counter)?;
        for (end, number) in sums.unfinished() {
            let labels: Labels = vec![("end", end.to_owned())];
            family.encode_family(&labels)?.encode_counter(&number, None as NoExemplar)?;
        }
        Ok(())
    }

    /// The times of answers by method, in buckets.
    fn durations(&mut self, sums: &Sums) -> fmt::Result {
        let (name, help) = ("request_duration_seconds", "From the head to the end of the answer");
        let mut family = self.0.encode_descriptor(name, help, None, MetricType::Histogram)?;
        for (method, seconds, buckets) in sums.durations() {
            let labels: Labels = vec![("method", method.to_owned())];
            let number = buckets.iter().map(|(_, number)| number).sum();
            let mut member = family.encode_family(&labels)?;
            member.encode_histogram::<Labels>(seconds, number, &buckets, None)?;
        }
        Ok(())
    }
}

/// The media type of `OpenMetrics`.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The media type of Prometheus' own text format.
const PLAIN: &str = "text/plain; version=0.0.4; charset=utf-8";
