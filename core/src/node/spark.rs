//! A row of bars made of letters, each with its label written downwards, as LATENCY GRAPH shows them.

/// Bars side by side; more of them go below.
pub(super) const COLUMNS: usize = 80;

/// Values with their labels, drawn between the least and the greatest value.
pub(super) fn draw(bars: &[(u64, String)]) -> String {
    let least = bars.iter().map(|(value, _)| *value).min().unwrap_or(0);
    let greatest = bars.iter().map(|(value, _)| *value).max().unwrap_or(0);
    let range = (greatest - least).max(1);
    let parts: Vec<String> = bars
        .chunks(COLUMNS)
        .map(|chunk| {
            let heights: Vec<u64> = chunk
                .iter()
                .map(|(value, _)| {
                    (u128::from(value - least) * u128::from(STEPS) / u128::from(range)) as u64
                })
                .map(|height| height.min(STEPS - 1))
                .collect();
            draw_row(&heights, chunk)
        })
        .collect();
    parts.join("\n")
}

fn draw_row(heights: &[u64], bars: &[(u64, String)]) -> String {
    let mut text = String::new();
    for row in (0..ROWS).rev() {
        text.extend(heights.iter().map(|height| piece(*height, row)));
        text.push('\n');
    }
    text.extend(heights.iter().map(|_| ' '));
    text.push('\n');
    let longest = bars.iter().map(|(_, label)| label.len()).max().unwrap_or(0);
    for at in 0..longest {
        text.extend(bars.iter().map(|(_, label)| label.chars().nth(at).unwrap_or(' ')));
        text.push('\n');
    }
    text
}

/// The letter of a bar in a row, counted from the bottom.
fn piece(height: u64, row: u64) -> char {
    match height.checked_sub(row * STEPS_OF_ROW) {
        None => ' ',
        Some(0) => '_',
        Some(1) => 'o',
        Some(2) => '#',
        Some(_) => '|',
    }
}

const ROWS: u64 = 4;
const STEPS_OF_ROW: u64 = 3;
const STEPS: u64 = ROWS * STEPS_OF_ROW;

#[cfg(test)]
mod tests {
    use super::*;

    /// As redis-server 7.0 draws samples of these milliseconds.
    #[test]
    fn bars_are_drawn_as_redis_draws_them() {
        let bars: Vec<_> = [3, 12, 30, 21, 2, 50].into_iter().zip((1..8).rev()).collect();
        let bars: Vec<_> = bars.into_iter().map(|(ms, ago)| (ms, format!("{ago}s"))).collect();
        let expect = "     #\n  o  |\n  |o |\n_#||_|\n      \n765432\nssssss\n";
        assert_eq!(draw(&bars), expect);
        assert_eq!(draw(&[(20, "0s".into())]), " \n \n \n_\n \n0\ns\n");
        let many = vec![(1, "1m".into()); COLUMNS + 1];
        assert_eq!(draw(&many).lines().count(), 7 + 1 + 7);
    }
}
