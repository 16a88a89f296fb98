/** The story of {@code ./drivetrain demo}: it drives the real parts and shows what they published. */
package io.drivetrain.infra.cli.demo;
