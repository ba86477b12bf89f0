"""The contenders, each as its users would write it. BENCH_* variables say where to read and write."""
