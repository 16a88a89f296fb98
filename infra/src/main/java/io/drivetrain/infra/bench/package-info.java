/** Measures the pipeline against its yardsticks, in one run on the same images. */
package io.drivetrain.infra.bench;
