//! MEMORY STATS, DOCTOR, PURGE and MALLOC-STATS: what memory is used for.

use super::ConnId;
use super::Node;
use crate::command::Outcome;
use crate::store::DbSize;

/// A figure of MEMORY STATS.
enum Figure {
    Count(u64),
    Share(f64),
    /// Of one database: the table of its keys, and what is known of their expiries.
    Tables(u64, u64),
}

use Figure::Count;
use Figure::Share;
use Figure::Tables;

impl Node {
    pub(super) fn memory_stats(&mut self, id: ConnId) -> Outcome {
        self.note_peak();
        let figures = self.memory_figures();
        let integer = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        self.reply(id, |reply| {
            reply.map(figures.len());
            for (name, figure) in &figures {
                reply.bulk(name.as_bytes());
                match figure {
                    Count(count) => reply.integer(integer(*count)),
                    Share(share) => reply.double(*share),
                    Tables(keys, expiries) => {
                        reply.map(2);
                        reply.bulk(b"overhead.hashtable.main");
                        reply.integer(integer(*keys));
                        reply.bulk(b"overhead.hashtable.expires");
                        reply.integer(integer(*expiries));
                    }
                }
            }
        });
        Ok(())
    }

    /// In the order of Redis 7.4.
    fn memory_figures(&self) -> Vec<(String, Figure)> {
        let used = self.used_bytes();
        let resident = self.host.resident_bytes.max(used);
        let tables = self.store.table_bytes() as u64;
        let overhead = self.overhead_bytes() + tables;
        let dataset = used - overhead;
        let keys: usize = self.store.sizes().map(|size| size.keys).sum();
        let mut figures = vec![
            ("peak.allocated".to_owned(), Count(self.peak_bytes)),
            ("total.allocated".to_owned(), Count(used)),
            ("startup.allocated".to_owned(), Count(0)),
            ("replication.backlog".to_owned(), Count(self.backlog_bytes())),
            ("clients.slaves".to_owned(), Count(self.replica_bytes())),
            ("clients.normal".to_owned(), Count(self.client_bytes - self.replica_bytes())),
        ];
        let nothing = ["cluster.links", "aof.buffer", "lua.caches", "functions.caches"];
        figures.extend(nothing.map(|name| (name.to_owned(), Count(0))));
        for DbSize { db, .. } in self.store.sizes() {
            let (keys, expiries) =
                (self.store.keys_table_bytes(db) as u64, self.store.expiries_bytes(db) as u64);
            figures.push((format!("db.{db}"), Tables(keys, expiries)));
        }
        let rest = [
            ("overhead.db.hashtable.lut", Count(tables)),
            ("overhead.db.hashtable.rehashing", Count(0)),
            ("db.dict.rehashing.count", Count(0)),
            ("overhead.total", Count(overhead)),
            ("keys.count", Count(keys as u64)),
            ("keys.bytes-per-key", Count(dataset.checked_div(keys as u64).unwrap_or(0))),
            ("dataset.bytes", Count(dataset)),
            ("dataset.percentage", Share(percentage(dataset, used))),
            ("peak.percentage", Share(percentage(used, self.peak_bytes))),
            ("allocator.allocated", Count(used)),
            ("allocator.active", Count(resident)),
            ("allocator.resident", Count(resident)),
            ("allocator.muzzy", Count(0)),
            ("allocator-fragmentation.ratio", Share(ratio(resident, used))),
            ("allocator-fragmentation.bytes", Count(resident - used)),
            ("allocator-rss.ratio", Share(1.0)),
            ("allocator-rss.bytes", Count(0)),
            ("rss-overhead.ratio", Share(1.0)),
            ("rss-overhead.bytes", Count(0)),
            ("fragmentation", Share(ratio(resident, used))),
            ("fragmentation.bytes", Count(resident - used)),
        ];
        figures.extend(rest.map(|(name, figure)| (name.to_owned(), figure)));
        figures
    }

    pub(super) fn memory_doctor(&mut self, id: ConnId) -> Outcome {
        self.note_peak();
        let text = diagnosis(&Symptoms {
            used: self.used_bytes(),
            peak: self.peak_bytes,
            resident: self.host.resident_bytes,
            clients: self.conns.len() as u64,
            client_bytes: self.client_bytes - self.replica_bytes(),
        });
        self.reply(id, |reply| reply.verbatim(b"txt", text.as_bytes()));
        Ok(())
    }

    /// What leaves the keyspace goes back to the allocator as it is freed, and from there to the
    /// system in the allocator's own time.
    pub(super) fn memory_purge(&mut self, id: ConnId) -> Outcome {
        self.reply(id, |reply| reply.ok());
        Ok(())
    }

    pub(super) fn memory_malloc_stats(&mut self, id: ConnId) -> Outcome {
        let text = format!(
            "allocator: mimalloc\nin use: {}\nwaiting to be freed: {}\nresident: {}\n",
            self.used_bytes(),
            self.store.garbage_bytes(),
            self.host.resident_bytes,
        );
        self.reply(id, |reply| reply.verbatim(b"txt", text.as_bytes()));
        Ok(())
    }
}

/// What MEMORY DOCTOR looks at, in bytes.
struct Symptoms {
    used: u64,
    peak: u64,
    resident: u64,
    clients: u64,
    client_bytes: u64,
}

fn diagnosis(symptoms: &Symptoms) -> String {
    let Symptoms { used, peak, resident, clients, client_bytes } = *symptoms;
    if used < SMALL_BYTES {
        return "So little memory is used that nothing can be said about it.\n".into();
    }
    let findings = [
        (
            peak > used / 2 * 3,
            "There was a time when half as much again was used: memory that was \
          freed since may not have gone back to the system.",
        ),
        (
            resident > used / 10 * 14,
            "The process takes much more memory than its data: they are \
          scattered over pages that are not full.",
        ),
        (
            client_bytes / clients.max(1) > LARGE_CLIENT_BYTES,
            "Clients take much memory: some send \
          large requests, or do not read their replies.",
        ),
    ];
    let found: Vec<String> = findings
        .iter()
        .filter(|(applies, _)| *applies)
        .map(|(_, finding)| format!("* {finding}\n"))
        .collect();
    match found.is_empty() {
        true => "No problem was found with how memory is used.\n".into(),
        false => found.concat(),
    }
}

fn percentage(part: u64, whole: u64) -> f64 {
    100.0 * ratio_or(part, whole, 0.0)
}

fn ratio(part: u64, whole: u64) -> f64 {
    ratio_or(part, whole, 1.0)
}

fn ratio_or(part: u64, whole: u64, of_nothing: f64) -> f64 {
    if whole == 0 { of_nothing } else { part as f64 / whole as f64 }
}

const SMALL_BYTES: u64 = 5 << 20;
const LARGE_CLIENT_BYTES: u64 = 200 << 10;

#[cfg(test)]
mod tests {
    use super::Symptoms;
    use super::diagnosis;

    #[test]
    fn the_doctor_names_what_is_unusual() {
        const HEALTHY: Symptoms = Symptoms {
            used: 10 << 20,
            peak: 11 << 20,
            resident: 12 << 20,
            clients: 2,
            client_bytes: 1000,
        };
        for (symptoms, words) in [
            (Symptoms { used: 1 << 20, ..HEALTHY }, "So little"),
            (HEALTHY, "No problem"),
            (Symptoms { peak: 16 << 20, ..HEALTHY }, "* There was a time"),
            (Symptoms { resident: 15 << 20, ..HEALTHY }, "* The process takes"),
            (Symptoms { client_bytes: 1 << 20, ..HEALTHY }, "* Clients take"),
        ] {
            assert!(diagnosis(&symptoms).starts_with(words), "{words}");
        }
    }
}
