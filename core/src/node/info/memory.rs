//! INFO memory: what the engine counts itself, and what the machine says of the process.

use std::cmp::Ordering;

use super::Lines;
use crate::node::Node;

impl Node {
    pub(super) fn info_memory(&self, lines: &mut Lines) {
        let (used, backlog) = (self.used_bytes(), self.backlog_bytes());
        let overhead = self.overhead_bytes() + self.store.table_bytes() as u64;
        let dataset = used - overhead;
        let resident = self.host.resident_bytes.max(used);
        put_size(lines, "used_memory", used);
        put_size(lines, "used_memory_rss", resident);
        put_size(lines, "used_memory_peak", self.peak_bytes.max(used));
        lines.put("used_memory_peak_perc", percent(used, self.peak_bytes.max(used)));
        lines.put("used_memory_overhead", overhead);
        lines.put("used_memory_startup", 0);
        lines.put("used_memory_dataset", dataset);
        lines.put("used_memory_dataset_perc", percent(dataset, used));
        lines.put("allocator_allocated", used);
        lines.put("allocator_active", resident);
        lines.put("allocator_resident", resident);
        lines.put("allocator_muzzy", 0);
        put_size(lines, "total_system_memory", self.host.system_memory_bytes);
        put_scripting(lines);
        put_size(lines, "maxmemory", self.config.maxmemory);
        let policy = self.config.settings_matching(&[b"maxmemory-policy"]);
        lines.put("maxmemory_policy", policy.first().map_or("", |(_, value)| value));
        put_fragmentation(lines, used, resident);
        lines.put("mem_not_counted_for_evict", self.uncounted_bytes());
        lines.put("mem_replication_backlog", backlog);
        lines.put("mem_total_replication_buffers", backlog);
        lines.put("mem_clients_slaves", self.replica_bytes());
        lines.put("mem_clients_normal", self.client_bytes - self.replica_bytes());
        lines.put_zeros(&["mem_cluster_links", "mem_aof_buffer"]);
        lines.put("mem_allocator", "mimalloc");
        lines.put("active_defrag_running", 0);
        let (pending, freed) = self.store.garbage_objects();
        lines.put("lazyfree_pending_objects", pending);
        lines.put("lazyfreed_objects", freed);
    }
}

/// There is no scripting engine to hold memory.
fn put_scripting(lines: &mut Lines) {
    for name in ["used_memory_lua", "used_memory_vm_total", "used_memory_scripts"] {
        put_size(lines, name, 0);
    }
    lines.put_zeros(&[
        "used_memory_vm_eval",
        "used_memory_scripts_eval",
        "number_of_cached_scripts",
    ]);
    lines.put_zeros(&["number_of_functions", "number_of_libraries", "used_memory_vm_functions"]);
    lines.put("used_memory_functions", 0);
}

fn put_fragmentation(lines: &mut Lines, used: u64, resident: u64) {
    let ratio = ratio(resident, used);
    lines.put("allocator_frag_ratio", &ratio);
    lines.put("allocator_frag_bytes", resident - used);
    lines.put("allocator_rss_ratio", "1.00");
    lines.put("allocator_rss_bytes", 0);
    lines.put("rss_overhead_ratio", "1.00");
    lines.put("rss_overhead_bytes", 0);
    lines.put("mem_fragmentation_ratio", &ratio);
    lines.put("mem_fragmentation_bytes", resident - used);
}

/// A size in bytes, and once more for people.
fn put_size(lines: &mut Lines, name: &str, bytes: u64) {
    lines.put(name, bytes);
    lines.put(&format!("{name}_human"), human(bytes));
}

fn percent(part: u64, whole: u64) -> String {
    let share =
        if whole == 0 { "0.00".into() } else { hundredths(part.saturating_mul(100), whole) };
    format!("{share}%")
}

fn ratio(part: u64, whole: u64) -> String {
    if whole == 0 { "1.00".into() } else { hundredths(part, whole) }
}

/// A fraction with two digits behind the point, rounded to the nearest and ties to even, as C's
/// `%.2f` does; without the code for printing floating point, of which the page has no other need.
fn hundredths(part: u64, whole: u64) -> String {
    let scaled = part.saturating_mul(100);
    let (rounded, rest) = (scaled / whole, scaled % whole);
    let up = match (rest.saturating_mul(2)).cmp(&whole) {
        Ordering::Greater => 1,
        Ordering::Equal => rounded % 2,
        Ordering::Less => 0,
    };
    let rounded = rounded + up;
    format!("{}.{:02}", rounded / 100, rounded % 100)
}

/// A size as Redis shows it to people: `1.00M`.
fn human(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["K", "M", "G", "T"];
    if bytes < 1024 {
        return format!("{bytes}B");
    }
    let mut unit_bytes = 1024;
    let mut unit = 0;
    while bytes / unit_bytes >= 1024 && unit + 1 < UNITS.len() {
        unit_bytes *= 1024;
        unit += 1;
    }
    format!("{}{}", hundredths(bytes, unit_bytes), UNITS.get(unit).unwrap_or(&"T"))
}

#[cfg(test)]
mod tests {
    use super::human;
    use super::percent;
    use super::ratio;

    #[test]
    fn sizes_are_shown_as_people_read_them() {
        for (bytes, shown) in [
            (0, "0B"),
            (1023, "1023B"),
            (1024, "1.00K"),
            (1_047_527, "1022.98K"),
            (1_048_575, "1024.00K"),
            (1_572_864, "1.50M"),
            // Ties: 1.125 and 1.375.
            (1152, "1.12K"),
            (1408, "1.38K"),
        ] {
            assert_eq!(human(bytes), shown);
        }
        assert_eq!((percent(1, 3).as_str(), percent(1, 0).as_str()), ("33.33%", "0.00%"));
        assert_eq!((ratio(3, 2).as_str(), ratio(3, 0).as_str()), ("1.50", "1.00"));
    }
}
