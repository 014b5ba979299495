//! Panics on the browser's console. A panic leaves the instance unusable, so it has to be seen.

use std::panic;
use std::sync::Once;

use web_sys::console;

/// From now on a panic's message and place go to `console.error`.
pub fn show_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| panic::set_hook(Box::new(|info| console::error_1(&info.to_string().into()))));
}
