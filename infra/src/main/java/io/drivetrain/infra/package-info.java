/** People and machines: the command line, the local stack and the benchmarks. */
package io.drivetrain.infra;
