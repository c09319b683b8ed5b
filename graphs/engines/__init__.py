"""The engines that search an access graph: the same answers from each."""
