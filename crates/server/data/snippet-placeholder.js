/* This Cairn was built before its capture script was: run `make web` in the source folder and build again. */
console.warn("Cairn: the capture script is missing from this build, nothing is captured");
