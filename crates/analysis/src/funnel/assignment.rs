//! Which event fills which step, where steps may come in any order.

use crate::plan::STEPS_MAX;

/// Events that fill steps, one each.
///
/// As many steps count as filled as there can be, whichever event fills which: an event that could fill a step that another one fills takes
/// its place if the other one can fill a third. This is an augmenting path in the bipartite graph of events and steps; that an event for which there is
/// none can be forgotten, as there will never be one, and that those before keep their places, is the matroid property of such sets of events.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Assignment {
    /// Of each step, the steps that the event matches that fills it; 0: nothing fills it.
    fills: [u32; STEPS_MAX],
}

impl Assignment {
    /// An event comes that matches `steps`. Whether one step more is filled with it.
    pub(super) fn add(&mut self, steps: u32) -> bool {
        self.place(steps, &mut 0)
    }

    /// Finds a step for an event that matches `steps`. `tried` are those that have been looked at.
    fn place(&mut self, steps: u32, tried: &mut u32) -> bool {
        loop {
            let left = steps & !*tried;
            if left == 0 {
                return false;
            }
            *tried |= left & left.wrapping_neg();
            let step = left.trailing_zeros() as usize;
            let there = self.fills[step];
            if there == 0 || self.place(there, tried) {
                self.fills[step] = steps;
                return true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_make_room_for_each_other() {
        for (events, expected) in [
            (&[0b010, 0b100][..], "11"),
            (&[0b110, 0b010], "11"),
            (&[0b110, 0b110, 0b110], "110"),
            (&[0b0110, 0b1100, 0b0100, 0b1000], "1110"),
            (&[0b0110, 0b0110, 0b0100, 0b1000], "1101"),
            (&[0b1110, 0b0110, 0b0010], "111"),
        ] {
            let mut assignment = Assignment::default();
            let filled: String = events.iter().map(|steps| if assignment.add(*steps) { '1' } else { '0' }).collect();
            assert_eq!(filled, expected, "{events:?}");
        }
    }
}
