"""Measurements: how fast the answers come, beside other engines that give the same answers."""
