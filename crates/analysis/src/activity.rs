//! The kernels of stickiness and lifecycle: when users are active, interval by interval.

mod lifecycle;
mod portable;
mod stickiness;

pub use lifecycle::{Lifecycle, LifecyclePartial};
pub use stickiness::{Stickiness, StickinessPartial};
