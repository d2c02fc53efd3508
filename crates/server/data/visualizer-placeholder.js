/* This Cairn was built before its visualizer was: run `make build` in the source folder. */
console.warn("Cairn: the visualizer is missing from this build");
