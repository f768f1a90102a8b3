"""What is measured of a pair of layers beside its similarity, where it is asked for."""
