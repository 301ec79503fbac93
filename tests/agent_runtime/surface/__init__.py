"""Programs in the manner of the Strands docs, run on both runtimes with only their import lines changed."""
