//! The access log: how it is generated, read, analysed, and replayed through a rule.
//!
//! A line is `client [time] "METHOD path" status bytes release milliseconds`. Lines that begin with `#` are markers, such
//! as deployments. `release` is the version of the service that answered.

use std::{collections::BTreeMap, fmt, fmt::Write as _};

use serde::{Deserialize, Serialize};

use crate::Result;

/// One request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request<'a> {
    client: &'a str,
    /// RFC 3339, in seconds.
    time: &'a str,
    endpoint: &'a str,
    status: u16,
    bytes: u32,
    release: &'a str,
    ms: u32,
}

impl<'a> Request<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let (client, rest) = line.split_once(" [")?;
        let (time, rest) = rest.split_once("] \"")?;
        let (endpoint, rest) = rest.split_once("\" ")?;
        let mut rest = rest.split(' ');
        Some(Self {
            client,
            time,
            endpoint,
            status: rest.next()?.parse().ok()?,
            bytes: rest.next()?.parse().ok()?,
            release: rest.next()?,
            ms: rest.next()?.parse().ok()?,
        })
    }

    fn is_error(&self) -> bool {
        self.status >= 500
    }

    /// `2026-11-21T12:20`
    fn minute(&self) -> &'a str {
        self.time.get(..16).unwrap_or(self.time)
    }
}

impl fmt::Display for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            client,
            time,
            endpoint,
            status,
            bytes,
            release,
            ms,
        } = self;
        write!(
            f,
            "{client} [{time}] \"{endpoint}\" {status} {bytes} {release} {ms}"
        )
    }
}

/// All requests of a log, in order.
pub fn parse(text: &str) -> Result<Vec<Request<'_>>> {
    (1..)
        .zip(text.lines())
        .filter(|(_, line)| !line.starts_with('#'))
        .map(|(number, line)| {
            Request::parse(line)
                .ok_or_else(|| format!("line {number} is no request: {line}").into())
        })
        .collect()
}

/// What a set of requests has in common.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Statistics {
    pub requests: u32,
    pub errors: u32,
    /// Errors among the requests, 0 to 1.
    pub error_rate: f64,
    pub p50_ms: u32,
    pub p99_ms: u32,
}

impl Statistics {
    fn of<'a>(requests: impl Iterator<Item = &'a Request<'a>>) -> Self {
        let (mut times, mut errors) = (Vec::new(), 0_u32);
        for request in requests {
            times.push(request.ms);
            errors += u32::from(request.is_error());
        }
        times.sort_unstable();
        let percentile = |percent: usize| {
            let rank = (times.len() * percent).div_ceil(100).max(1);
            times.get(rank - 1).copied().unwrap_or(0)
        };
        let requests = u32::try_from(times.len()).unwrap_or(u32::MAX);
        Self {
            requests,
            errors,
            error_rate: f64::from(errors) / f64::from(requests.max(1)),
            p50_ms: percentile(50),
            p99_ms: percentile(99),
        }
    }
}

/// What is wrong, as far as the log tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// The endpoint with the most errors.
    pub endpoint: String,
    /// The release that made most of them.
    pub release: String,
    /// The other release of that endpoint, which did better.
    pub healthy_release: String,
    /// The minute of the first error of that release there.
    pub since: String,
    /// The endpoint under the bad release, and under the healthy one at the same time.
    pub bad: Statistics,
    pub healthy: Statistics,
    /// The endpoint as its callers see it, since that minute.
    pub overall: Statistics,
    /// The minute with the most errors there, and how many.
    pub worst_minute: (String, u32),
}

/// Finds the endpoint and the release that fail, and since when.
pub fn diagnose(requests: &[Request<'_>]) -> Result<Diagnosis> {
    let errors = || requests.iter().filter(|request| request.is_error());
    let endpoint = most_frequent(errors().map(|request| request.endpoint))
        .ok_or("the log has no errors: there is nothing to diagnose")?;
    let here = |request: &&Request<'_>| request.endpoint == endpoint;
    let release = most_frequent(errors().filter(here).map(|request| request.release))
        .ok_or("no release failed")?;
    let first = errors()
        .filter(here)
        .find(|request| request.release == release)
        .ok_or("the release has no errors")?;
    let since = || {
        requests
            .iter()
            .filter(here)
            .filter(|request| request.minute() >= first.minute())
    };
    let healthy_release = most_frequent(
        since()
            .map(|request| request.release)
            .filter(|&other| other != release),
    )
    .ok_or("no other release serves this endpoint: there is nothing to fall back to")?;
    let mut per_minute = BTreeMap::<&str, u32>::new();
    for request in since().filter(|request| request.is_error()) {
        *per_minute.entry(request.minute()).or_default() += 1;
    }
    let worst = per_minute.into_iter().max_by_key(|&(_, count)| count);
    Ok(Diagnosis {
        endpoint: endpoint.to_owned(),
        release: release.to_owned(),
        healthy_release: healthy_release.to_owned(),
        since: first.minute().to_owned(),
        bad: Statistics::of(since().filter(|request| request.release == release)),
        healthy: Statistics::of(since().filter(|request| request.release == healthy_release)),
        overall: Statistics::of(since()),
        worst_minute: worst.map_or_else(Default::default, |(minute, n)| (minute.to_owned(), n)),
    })
}

/// An endpoint's statistics from a minute on.
pub fn statistics(requests: &[Request<'_>], endpoint: &str, since: &str) -> Statistics {
    Statistics::of(
        requests
            .iter()
            .filter(|request| request.endpoint == endpoint && request.minute() >= since),
    )
}

fn most_frequent<'a>(items: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut counts = BTreeMap::<&str, u32>::new();
    for item in items {
        *counts.entry(item).or_default() += 1;
    }
    let (item, _) = counts.into_iter().max_by_key(|&(_, count)| count)?;
    Some(item)
}

/// A change of the routing: requests to this endpoint no longer go to this release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    pub endpoint: String,
    pub from_release: String,
    pub to_release: String,
}

/// The log as it would have been under the rule, and how many requests it moves. A moved request gets the answer that
/// the other release gave last on that endpoint.
pub fn replay(requests: &[Request<'_>], rule: &Rule) -> (String, u32) {
    let (mut text, mut moved, mut last) = (String::new(), 0, None);
    for request in requests {
        let mut answered = *request;
        if request.endpoint == rule.endpoint {
            if request.release == rule.to_release {
                last = Some(*request);
            } else if request.release == rule.from_release
                && let Some(Request {
                    status,
                    bytes,
                    release,
                    ms,
                    ..
                }) = last
            {
                answered = Request {
                    status,
                    bytes,
                    release,
                    ms,
                    ..*request
                };
                moved += 1;
            }
        }
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{answered}");
    }
    (text, moved)
}

/// Forty minutes of a shop. At 12:20 a release goes out to most of the traffic, and its checkout fails.
pub fn generate() -> String {
    const OLD: &str = "v2.4.0";
    const NEW: &str = "v2.5.0";
    let mut random = Random(0x5eed);
    let mut text = String::from("# 2026-11-21T12:00:00Z serving v2.4.0\n");
    for minute in 0..40 {
        if minute == 20 {
            text.push_str("# 2026-11-21T12:20:00Z deploy v2.5.0 to 60% of the traffic\n");
        }
        let mut seconds: Vec<_> = (0..80 + random.below(40))
            .map(|_| random.below(60))
            .collect();
        seconds.sort_unstable();
        for second in seconds {
            let (endpoint, usual_ms) = match random.below(10) {
                0..5 => ("GET /api/products", 20),
                5..7 => ("GET /api/search", 60),
                7..9 => ("POST /api/checkout", 90),
                _ => ("GET /api/orders", 35),
            };
            let is_new = minute >= 20 && random.below(100) < 60;
            let mut ms = usual_ms + random.below(usual_ms);
            if random.below(100) == 0 {
                ms *= 15; // a slow one now and then, in good times too
            }
            let mut status = if random.below(1500) == 0 { 502 } else { 200 };
            if is_new && endpoint == "POST /api/checkout" && random.below(100) < 70 {
                status = 500;
                ms = 2_000 + random.below(3_000);
            }
            let client = format!("10.0.{}.{}", random.below(4), 1 + random.below(250));
            let time = format!("2026-11-21T12:{minute:02}:{second:02}Z");
            let request = Request {
                client: &client,
                time: &time,
                endpoint,
                status,
                bytes: if status == 200 {
                    200 + random.below(4_000)
                } else {
                    162
                },
                release: if is_new { NEW } else { OLD },
                ms,
            };
            let _ = writeln!(text, "{request}");
        }
    }
    text
}

/// Numbers that are the same each time (xorshift64*).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32;
        u32::try_from(high % u64::from(bound)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_log_is_the_generated_one() {
        let stored = include_str!("../data/access.log");
        assert!(
            stored == generate(),
            "run: cargo run -p openintent-examples -- generate-log > examples/data/access.log"
        );
    }

    #[test]
    fn the_outage_is_found_and_the_rule_ends_it() {
        let text = generate();
        let requests = parse(&text).unwrap();
        let found = diagnose(&requests).unwrap();
        assert_eq!(found.endpoint, "POST /api/checkout");
        assert_eq!(
            (found.release.as_str(), found.since.as_str()),
            ("v2.5.0", "2026-11-21T12:20")
        );
        assert!(found.bad.error_rate > 0.5 && found.healthy.error_rate < 0.01);

        let rule = Rule {
            endpoint: found.endpoint.clone(),
            from_release: found.release.clone(),
            to_release: found.healthy_release.clone(),
        };
        let (replayed, moved) = replay(&requests, &rule);
        assert_eq!(moved, found.bad.requests);
        let after = parse(&replayed).unwrap();
        assert_eq!(after.len(), requests.len());
        assert!(statistics(&after, &found.endpoint, &found.since).error_rate < 0.01);
    }

    #[test]
    fn a_line_that_is_no_request_is_named() {
        let error = parse("# marker\nnonsense\n").unwrap_err();
        assert_eq!(error.to_string(), "line 2 is no request: nonsense");
    }
}
