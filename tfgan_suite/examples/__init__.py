"""Where examples to measure come from: a split of a dataset, image files, an array; all read in blocks."""
