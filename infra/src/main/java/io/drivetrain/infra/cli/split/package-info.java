/** Why samples and drives are where they are: read back from topics and table, and judged by the pipeline's own rules. */
package io.drivetrain.infra.cli.split;
