"""Other people's CMake projects: each in a build tree of its own, overlapping, into one prefix."""
