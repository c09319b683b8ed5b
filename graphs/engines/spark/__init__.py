"""The questions of reach on a cluster of Spark: the same answers, from tables of any size (docs/scale.md).

Below a billion arcs or so one machine is quicker. This is for tables that lie in a cluster anyway, or fit no single
machine. Only DataFrames are used, no Python runs on the cluster::

    from graphs import cut
    from graphs.engines.spark import answers, arcs, frames
    from stakeholders.clusters import open_tables, session

    graph = arcs.build(open_tables(session("spark://host:7077"), "hdfs://host/registers/2026-11"))
    frames.who_frame(graph, "biometric", as_of="2026-11-24").write.parquet("hdfs://host/answers/biometric")
    answers.who_can_reach(graph, "kz-archive", as_of="2026-11-24").rows
    cut(answers.reduced(graph, "kz-archive", as_of="2026-11-24"), "kz-archive", as_of="2026-11-24")
"""
